#include "debug/known.h"

#include <string.h>

#define GAPS_MAX 256

static bool is_before(const struct position *a, const struct position *b)
{
	bool known;
	return position_compare(a, b, &known) < 0 && known;
}

const struct gap *known_find(const struct known *k, uint64_t key, const struct position *end, bool there)
{
	for (size_t i = k->gaps.n; i--;) {
		const struct gap *g = &k->gaps.at[i];
		bool holds = is_before(end, &g->hi) || (!there && position_equal(end, &g->hi));
		if (g->key == key && holds && is_before(&g->lo, end))
			return g;
	}
	return NULL;
}

void known_add(struct known *k, const struct gap *g)
{
	size_t n = 0;
	/* Those that it contains tell nothing more. */
	for (size_t i = 0; i < k->gaps.n; i++) {
		const struct gap *o = &k->gaps.at[i];
		bool inside = o->key == g->key && !is_before(&o->lo, &g->lo) && !is_before(&g->hi, &o->hi);
		if (!inside && (i || k->gaps.n < GAPS_MAX))
			k->gaps.at[n++] = *o;
	}
	k->gaps.n = n;
	*VEC_PUSH(&k->gaps) = *g;
}

void known_free(struct known *k)
{
	VEC_FREE(&k->gaps);
}

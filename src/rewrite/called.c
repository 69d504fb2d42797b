/* Calls into text without function tables. A suspect there may be a table that looks like code. It is code if
 * an instruction somewhere in the text calls, or jumps to, a place before it, and control comes from there to
 * the suspect. Only few bytes of the text have such a distance behind them, so the whole text is searched for
 * the opcodes alone, and decoded around those that fit. */
#include "rewrite/called.h"

#include <stdlib.h>
#include <string.h>

#include "base/hmap.h"
#include "rewrite/decode.h"

#define CALL_LEN 5
#define REACH 4096 /* bytes from the place that is called to the suspect, at most */

/* A place that bytes which look like a call lead to. */
struct place {
	bool sure;	  /* an instruction leads there */
	suspect_list led; /* to these */
};

struct called {
	const struct live_code *c;
	suspect_list *l;
	struct hmap places; /* by address */
};

/* The index of the first suspect at `addr` or behind. */
static size_t first_from(const suspect_list *l, uint64_t addr)
{
	size_t lo = 0, hi = l->n;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (l->at[mid].addr < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Which suspects does control come to from `at`? */
static void follow(const struct called *k, uint64_t at, suspect_list *led)
{
	uint64_t end = k->c->base + k->c->len, hi = end - at < REACH ? end : at + REACH;
	suspect_list near = {0};
	for (size_t i = first_from(k->l, at); i < k->l->n && k->l->at[i].addr < hi; i++)
		*VEC_PUSH(&near) = k->l->at[i];
	suspects_follow(k->c, at, at, hi, &near);
	for (size_t i = 0; i < near.n; i++) {
		const struct suspect *s = &near.at[i];
		if (s->is == SUSPECT_INSN || (s->is == SUSPECT_LIKELY && s->reached))
			*VEC_PUSH(led) = *s;
	}
	VEC_FREE(&near);
}

static struct place *place_at(struct called *k, uint64_t at)
{
	struct place *p = hmap_get(&k->places, at);
	if (p)
		return p;
	p = xcalloc(1, sizeof(*p));
	follow(k, at, &p->led);
	hmap_set(&k->places, at, p);
	return p;
}

/* The bytes at `from` look like a call or jump to `to`. */
static void look_at(struct called *k, uint64_t from, uint64_t to)
{
	size_t next = to - k->c->base < k->c->len ? first_from(k->l, to) : k->l->n;
	if (next == k->l->n || k->l->at[next].addr - to >= REACH)
		return;
	struct place *p = place_at(k, to);
	if (!p->sure && p->led.n)
		p->sure = suspects_is_start(k->c, from);
}

static void know(struct called *k, const struct suspect *led)
{
	for (size_t i = first_from(k->l, led->addr); i < k->l->n && k->l->at[i].addr - led->addr < led->len;
	     i++) {
		k->l->at[i] = *led;
		k->l->at[i].is = SUSPECT_INSN;
	}
}

static bool any_likely(const suspect_list *l)
{
	size_t i = 0;
	while (i < l->n && l->at[i].is != SUSPECT_LIKELY)
		i++;
	return i < l->n;
}

void suspects_called(const struct live_code *c, suspect_list *l)
{
	struct called k = {.c = c, .l = l};
	struct place *p;
	if (!any_likely(l))
		return;
	for (size_t i = 0; i + CALL_LEN <= c->len; i++) {
		int32_t d;
		if ((c->bytes[i] & 0xfe) != 0xe8) /* e8: call, e9: jmp */
			continue;
		memcpy(&d, c->bytes + i + 1, sizeof(d));
		look_at(&k, c->base + i, c->base + i + CALL_LEN + (uint64_t)(int64_t)d);
	}
	for (size_t i = 0; (p = hmap_next(&k.places, &i));) {
		for (size_t j = 0; p->sure && j < p->led.n; j++)
			know(&k, &p->led.at[j]);
		VEC_FREE(&p->led);
		free(p);
	}
	hmap_free(&k.places);
}

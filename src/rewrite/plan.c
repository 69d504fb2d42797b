#include "rewrite/plan.h"

#include <string.h>

static bool add(struct group *g, const struct insn *in)
{
	if (g->n == GROUP_MAX)
		return false;
	g->insns[g->n++] = *in;
	g->len += in->len;
	g->returns = !(in->flags & IN_ENDS);
	return true;
}

/* Add what follows until the jump fits. Nothing may be branched to but the first: if the
 * analysis misses such a branch the bytes there trap, and the tracer helps. */
static int extend(const struct elf_text *t, const insn_list *l, size_t next, struct group *g,
		  enum left_why *why)
{
	for (; g->len < JUMP_LEN; next++) {
		const struct insn *in = next < l->n ? &l->at[next] : NULL;
		if (in && !g->returns && in->flags & IN_NOP && !(in->flags & IN_TARGET)) {
			g->len += in->len; /* never executed */
			continue;
		}
		if (!in) {
			g->len += decode_padding(t, g->start + g->len, JUMP_LEN - g->len);
			*why = LEFT_NEIGHBOR;
			return g->len < JUMP_LEN ? -1 : 0;
		}
		*why = in->flags & IN_TARGET ? LEFT_TARGET : LEFT_NEIGHBOR;
		if (in->flags & IN_TARGET || !(in->flags & IN_MOVES) || !g->returns || !add(g, in))
			return -1;
	}
	return 0;
}

/* A group that begins `back` instructions before the site. */
static int try_from(const struct elf_text *t, const insn_list *l, size_t index, size_t back, uint64_t from,
		    struct group *g, enum left_why *why)
{
	uint8_t kind = g->kind;
	memset(g, 0, sizeof(*g));
	g->kind = kind;
	g->start = l->at[index - back].addr;
	g->site = (unsigned)back;
	*why = LEFT_NEIGHBOR;
	if (g->start < from)
		return -1;
	for (size_t i = index - back; i <= index; i++) {
		const struct insn *in = &l->at[i];
		bool first = i == index - back;
		if (!first && in->flags & IN_TARGET) {
			*why = LEFT_TARGET;
			return -1;
		}
		if (i != index && (!(in->flags & IN_MOVES) || in->flags & IN_ENDS))
			return -1;
		add(g, in);
	}
	g->returns = kind != SITE_SAFEPOINT || !(l->at[index].flags & IN_ENDS);
	return extend(t, l, index + 1, g, why);
}

int plan_group(const struct elf_text *t, const insn_list *l, size_t index, uint64_t from, struct group *g,
	       enum left_why *why)
{
	enum left_why first = LEFT_NEIGHBOR;
	for (size_t back = 0; back <= 3 && back <= index; back++) {
		if (!try_from(t, l, index, back, from, g, why))
			return 0;
		if (!back)
			first = *why;
	}
	*why = first;
	return -1;
}

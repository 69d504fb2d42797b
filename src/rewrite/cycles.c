#include "rewrite/cycles.h"

struct flow {
	const insn_list *l;
	const bool *cut;
	bool direct;
	VEC(uint32_t) tables; /* instructions that jump tables lead to */
};

/* Node l->n stands for all jump tables. */
static uint32_t successor(const void *ctx, uint32_t v, uint32_t k)
{
	const struct flow *w = ctx;
	if (v == w->l->n)
		return k < w->tables.n ? w->tables.at[k] : NO_NODE;
	const struct insn *in = &w->l->at[v];
	if (!(in->flags & IN_ENDS) && v + 1 < w->l->n && !k--)
		return v + 1;
	if (in->flags & IN_BRANCH && !(w->cut && w->cut[v])) {
		size_t to = decode_find(w->l, in->to);
		if (to != SIZE_MAX && !k--)
			return (uint32_t)to;
	}
	return in->flags & IN_INDIRECT && !w->direct && !k ? (uint32_t)w->l->n : NO_NODE;
}

void cycles_find(struct parts *p, const struct survey *s, const insn_list *l, const bool *cut, bool direct)
{
	struct flow w = {.l = l, .cut = cut, .direct = direct};
	struct graph g = {(uint32_t)l->n + 1, successor, &w};
	for (uint32_t i = 0; i < l->n; i++) {
		if (survey_mark(s, l->at[i].addr) & MARK_TABLE)
			*VEC_PUSH(&w.tables) = i;
	}
	parts_find(p, &g);
	VEC_FREE(&w.tables);
}

bool cycles_through_table(const struct parts *p, const insn_list *l, size_t i)
{
	return p->part[i] == p->part[l->n];
}

/* Tarjan's algorithm (SIAM J. Comput. 1, 1972), without recursion: functions of 100,000
 * instructions exist. */
#include "rewrite/cycles.h"

#include <stdlib.h>
#include <string.h>

struct walk {
	struct cycles *c;
	const insn_list *l;
	const struct survey *s;
	const bool *cut;
	VEC(uint32_t) path;
	VEC(uint32_t) tables; /* instructions that jump tables lead to */
	uint32_t nstack, count, parts;
};

static void room(struct cycles *c, size_t n)
{
	if (n > c->cap) {
		cycles_free(c);
		c->cap = n + n / 2;
		c->part = xmalloc(c->cap * 4);
		c->order = xmalloc(c->cap * 4);
		c->low = xmalloc(c->cap * 4);
		c->stack = xmalloc(c->cap * 4);
		c->next = xmalloc(c->cap * 4);
		c->on_stack = xmalloc(c->cap);
	}
	memset(c->order, 0, n * 4);
	memset(c->next, 0, n * 4);
	memset(c->on_stack, 0, n);
}

/* The k-th successor of node `v`, or UINT32_MAX. Node l->n stands for all jump tables. */
static uint32_t successor(const struct walk *w, uint32_t v, uint32_t k)
{
	if (v == w->l->n)
		return k < w->tables.n ? w->tables.at[k] : UINT32_MAX;
	const struct insn *in = &w->l->at[v];
	if (!(in->flags & IN_ENDS) && v + 1 < w->l->n && !k--)
		return v + 1;
	if (in->flags & IN_BRANCH && !(w->cut && w->cut[v])) {
		size_t to = decode_find(w->l, in->to);
		if (to != SIZE_MAX && !k--)
			return (uint32_t)to;
	}
	return in->flags & IN_INDIRECT && !k ? (uint32_t)w->l->n : UINT32_MAX;
}

static void enter(struct walk *w, uint32_t v)
{
	*VEC_PUSH(&w->path) = v;
	w->c->order[v] = w->c->low[v] = ++w->count;
	w->c->stack[w->nstack++] = v;
	w->c->on_stack[v] = true;
}

/* All successors of `v` are done. */
static void leave(struct walk *w, uint32_t v)
{
	struct cycles *c = w->c;
	w->path.n--;
	if (c->low[v] == c->order[v]) {
		uint32_t u;
		do {
			u = c->stack[--w->nstack];
			c->on_stack[u] = false;
			c->part[u] = w->parts;
		} while (u != v);
		w->parts++;
	}
	if (w->path.n) {
		uint32_t up = w->path.at[w->path.n - 1];
		c->low[up] = c->low[v] < c->low[up] ? c->low[v] : c->low[up];
	}
}

static void walk_from(struct walk *w, uint32_t start)
{
	struct cycles *c = w->c;
	enter(w, start);
	while (w->path.n) {
		uint32_t v = w->path.at[w->path.n - 1], to = successor(w, v, c->next[v]++);
		if (to == UINT32_MAX)
			leave(w, v);
		else if (!c->order[to])
			enter(w, to);
		else if (c->on_stack[to] && c->order[to] < c->low[v])
			c->low[v] = c->order[to];
	}
}

void cycles_find(struct cycles *c, const struct survey *s, const insn_list *l, const bool *cut)
{
	struct walk w = {.c = c, .l = l, .s = s, .cut = cut};
	room(c, l->n + 1);
	for (uint32_t i = 0; i < l->n; i++) {
		if (survey_mark(s, l->at[i].addr) & MARK_TABLE)
			*VEC_PUSH(&w.tables) = i;
	}
	for (uint32_t i = 0; i <= l->n; i++) {
		if (!c->order[i])
			walk_from(&w, i);
	}
	VEC_FREE(&w.path);
	VEC_FREE(&w.tables);
}

bool cycles_through_table(const struct cycles *c, const insn_list *l, size_t i)
{
	return c->part[i] == c->part[l->n];
}

void cycles_free(struct cycles *c)
{
	free(c->part);
	free(c->order);
	free(c->low);
	free(c->stack);
	free(c->next);
	free(c->on_stack);
	memset(c, 0, sizeof(*c));
}

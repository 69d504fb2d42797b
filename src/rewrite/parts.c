/* Tarjan's algorithm (SIAM J. Comput. 1, 1972), without recursion: functions of 100,000
 * instructions exist. */
#include "rewrite/parts.h"

#include <stdlib.h>
#include <string.h>

static void room(struct parts *p, size_t n)
{
	if (n > p->cap) {
		parts_free(p);
		p->cap = n + n / 2;
		p->part = xmalloc(p->cap * 4);
		p->order = xmalloc(p->cap * 4);
		p->low = xmalloc(p->cap * 4);
		p->stack = xmalloc(p->cap * 4);
		p->next = xmalloc(p->cap * 4);
		p->on_stack = xmalloc(p->cap);
	}
	memset(p->order, 0, n * 4);
	memset(p->next, 0, n * 4);
	memset(p->on_stack, 0, n);
	p->nstack = p->count = p->nparts = 0;
	p->path.n = 0;
}

static void enter(struct parts *p, uint32_t v)
{
	*VEC_PUSH(&p->path) = v;
	p->order[v] = p->low[v] = ++p->count;
	p->stack[p->nstack++] = v;
	p->on_stack[v] = true;
}

/* All successors of `v` are done. */
static void leave(struct parts *p, uint32_t v)
{
	p->path.n--;
	if (p->low[v] == p->order[v]) {
		uint32_t u;
		do {
			u = p->stack[--p->nstack];
			p->on_stack[u] = false;
			p->part[u] = p->nparts;
		} while (u != v);
		p->nparts++;
	}
	if (p->path.n) {
		uint32_t up = p->path.at[p->path.n - 1];
		p->low[up] = p->low[v] < p->low[up] ? p->low[v] : p->low[up];
	}
}

static void walk_from(struct parts *p, const struct graph *g, uint32_t start)
{
	enter(p, start);
	while (p->path.n) {
		uint32_t v = p->path.at[p->path.n - 1], to = g->next(g->ctx, v, p->next[v]++);
		if (to == NO_NODE)
			leave(p, v);
		else if (!p->order[to])
			enter(p, to);
		else if (p->on_stack[to] && p->order[to] < p->low[v])
			p->low[v] = p->order[to];
	}
}

void parts_find(struct parts *p, const struct graph *g)
{
	room(p, g->n);
	for (uint32_t v = 0; v < g->n; v++) {
		if (!p->order[v])
			walk_from(p, g, v);
	}
}

void parts_free(struct parts *p)
{
	free(p->part);
	free(p->order);
	free(p->low);
	free(p->stack);
	free(p->next);
	free(p->on_stack);
	VEC_FREE(&p->path);
	memset(p, 0, sizeof(*p));
}

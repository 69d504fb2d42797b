/* Strongly connected parts of a graph: two nodes are in the same part if each can reach the other. */
#ifndef REWRITE_PARTS_H
#define REWRITE_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

#define NO_NODE UINT32_MAX

/* Nodes 0 to n-1; next() gives the k-th successor of `v`, or NO_NODE. */
struct graph {
	uint32_t n;
	uint32_t (*next)(const void *ctx, uint32_t v, uint32_t k);
	const void *ctx;
};

/* Results and work space, to be used for one graph after the other. */
struct parts {
	uint32_t *part; /* by node */
	uint32_t *order, *low, *stack, *next;
	bool *on_stack;
	VEC(uint32_t) path;
	uint32_t nstack, count, nparts;
	size_t cap;
};

void parts_find(struct parts *p, const struct graph *g);
void parts_free(struct parts *p);

#endif

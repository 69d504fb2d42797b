/* The cycles in a function's flow of control. */
#ifndef REWRITE_CYCLES_H
#define REWRITE_CYCLES_H

#include "rewrite/survey.h"

/* Which instructions can come back to themselves. */
struct cycles {
	uint32_t *part; /* by instruction, and one more for "some jump table": two of the same part
			 * can reach each other */
	uint32_t *order, *low, *stack, *next; /* work space */
	bool *on_stack;
	size_t cap;
};

/* Partition the instructions of `l`. Branches marked in `cut` (by instruction, may be NULL) are
 * not taken. Indirect jumps go to all of the function that is in a jump table. */
void cycles_find(struct cycles *c, const struct survey *s, const insn_list *l, const bool *cut);
/* Can instruction `i` come back to itself through a jump table? */
bool cycles_through_table(const struct cycles *c, const insn_list *l, size_t i);
void cycles_free(struct cycles *c);

#endif

/* The cycles in a function's flow of control. */
#ifndef REWRITE_CYCLES_H
#define REWRITE_CYCLES_H

#include "rewrite/survey.h"

/* Partition the instructions of `l`, and one more node for "some jump table". Branches marked in
 * `cut` (by instruction, may be NULL) are not taken. Indirect jumps go to all of the function
 * that is in a jump table, unless only `direct` ones count. */
void cycles_find(struct parts *p, const struct survey *s, const insn_list *l, const bool *cut, bool direct);
/* Can instruction `i` come back to itself through a jump table? */
bool cycles_through_table(const struct parts *p, const insn_list *l, size_t i);

#endif

/* Which instructions a site's jump displaces. */
#ifndef REWRITE_PLAN_H
#define REWRITE_PLAN_H

#include "rewrite/image.h"

#define JUMP_LEN 5  /* jmp rel32 */
#define GROUP_MAX 6 /* instructions displaced at most */

/* A straight line of instructions that the jump at its start replaces. */
struct group {
	struct insn insns[GROUP_MAX];
	unsigned n, site; /* which of them is the site */
	uint64_t start;
	uint32_t len; /* at least JUMP_LEN; more than the instructions where padding follows */
	uint8_t kind; /* enum site_kind */
	bool returns; /* control goes on after the group */
};

/* Choose the group of the site `index`. It must not begin before `from` (where the last
 * group ended). 0, or -1 with the reason. */
int plan_group(const struct elf_text *t, const insn_list *insns, size_t index, uint64_t from, struct group *g,
	       enum left_why *why);

#endif

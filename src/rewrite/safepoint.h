/* Where safepoints go. */
#ifndef REWRITE_SAFEPOINT_H
#define REWRITE_SAFEPOINT_H

#include "rewrite/cycles.h"

struct safepoint_counts {
	unsigned loops, calls, dispatches; /* places that want a safepoint */
	unsigned ended;			   /* loops that need none: they end by themselves, */
	unsigned leaning;		   /* or are short and practically do, or count inside */
	unsigned live;			   /* places where flags are live */
};

/* Memory that is used for one function after the other. */
struct safepoint_work {
	struct parts parts;
};

/* Mark the instructions of function `f` that get safepoints: IN_SAFE, and IN_LIVE where
 * the flags that a safepoint changes may be read afterwards. */
void safepoint_choose(const struct elf_text *t, const struct survey *s, const struct func *f, insn_list *l,
		      struct safepoint_work *w, struct safepoint_counts *c);

#endif

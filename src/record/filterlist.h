/* Seccomp filters that programs install, as tasks have them. */
#ifndef RECORD_FILTERLIST_H
#define RECORD_FILTERLIST_H

#include <linux/filter.h>

#include "record/session.h"

/* A filter and those that were installed before it, which all have a say. Tasks share them, as a
 * child does its parent's. */
struct own_filter {
	struct own_filter *before;
	unsigned refs;
	uint32_t listener;		 /* its number; 0: it has none */
	uint64_t passes[FILTERED_WORDS]; /* calls that it and those before it always allow; bit: number */
	unsigned n;
	struct sock_filter code[];
};

/* One more task has it; it may be NULL. */
struct own_filter *filter_get(struct own_filter *f);

#endif

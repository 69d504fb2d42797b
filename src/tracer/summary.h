/* The table of -c. */
#ifndef TRACER_SUMMARY_H
#define TRACER_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "abi/sysrow.h"

struct summary {
	struct tally {
		uint64_t calls, errors, ns;
	} of[SYS_MAX + 1]; /* the last one: numbers without a row */
};

void summary_add(struct summary *s, int64_t nr, uint64_t ns, bool failed);
void summary_print(const struct summary *s, FILE *f);

#endif

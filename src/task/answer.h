/* What instructions answer whose results nobody can predict: cpuid, rdtsc, rdrand, rdseed. */
#ifndef TASK_ANSWER_H
#define TASK_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "shared.h"
#include "task/ptrace.h"

/* Does the answer of cpuid to a leaf depend on the subleaf (in ecx)? */
bool answer_has_subleaves(uint32_t leaf);
/* This CPU's answer, without what programs must not find. `sub` of the row is UINT32_MAX where it does not
 * matter. */
struct cpuid_row answer_cpuid(uint32_t leaf, uint32_t sub);
/* rdtsc, or (`p`) rdtscp on a CPU whose TSC_AUX is `aux`. */
void answer_tsc(regs_t *r, bool p, uint64_t aux);
/* rdrand and rdseed into register `reg`, as the CPU numbers them, of `size` bytes. */
void answer_random(regs_t *r, unsigned reg, unsigned size);
/* How xsave stores things on this CPU. */
void answer_xsave_layout(struct xsave_layout *l);
/* What rdtscp leaves in ecx on the CPU that this thread is bound to. */
uint64_t answer_tsc_aux(void);

#endif

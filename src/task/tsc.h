/* The time stamp counter, which traps in tracees (PR_SET_TSC) and so must trap in the
 * thread that traces them too: otherwise every switch between the two writes CR4, which
 * in a virtual machine costs about as much as the stop itself (measured: 19.7 us a stop
 * against 7.6). Such a thread must keep away from the vdso's precise clocks. */
#ifndef TASK_TSC_H
#define TASK_TSC_H

#include <stdint.h>

/* Make rdtsc trap in the calling thread, after measuring how fast it counts. Takes
 * about two milliseconds. */
void tsc_disable(void);
/* What the counter shows now, computed from the monotonic clock. */
uint64_t tsc_now(void);
/* CLOCK_MONOTONIC in nanoseconds, to some milliseconds; safe in such a thread. */
uint64_t coarse_ns(void);

/* The same for who cannot call tsc_now: a count is base + (monotonic ns - ns) * mult >> 32.
 * After tsc_disable. */
void tsc_scale(uint64_t *ns, uint64_t *count, uint64_t *mult);

#endif

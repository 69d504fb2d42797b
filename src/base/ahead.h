/* Numbered parts of a work, done by several threads ahead of the one that uses their results in
 * order. */
#ifndef BASE_AHEAD_H
#define BASE_AHEAD_H

#include <sched.h>
#include <stddef.h>

struct ahead;

/* `fn` is called once for each part below `parts`, by any thread, at most `window` parts ahead of
 * the one waited for last. There are as many threads as CPUs in `cpus` (NULL: those of the
 * caller), the caller among them; without any others all is done in ahead_wait. */
struct ahead *ahead_start(size_t parts, size_t window, void (*fn)(void *ctx, size_t part), void *ctx,
			  const cpu_set_t *cpus);
/* Until part `part` is done; the caller does its share. Parts are waited for in order. */
void ahead_wait(struct ahead *a, size_t part);
/* After the last part has been waited for. */
void ahead_end(struct ahead *a);

#endif

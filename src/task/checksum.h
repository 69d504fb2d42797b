/* A checksum of an address space, the same at record and at replay. */
#ifndef TASK_CHECKSUM_H
#define TASK_CHECKSUM_H

#include <stdint.h>
#include <sys/types.h>

#include "task/mapping.h"

/* Checksum of the private pages of `sp` that the task has written: pages that hold
 * only zeros, or still are those of a file, do not count, so that it does not matter
 * which pages happen to be in memory. *pages: how many counted. 0 or -errno. */
int checksum_space(pid_t tid, const struct space *sp, uint64_t *sum, uint64_t *pages);

#endif

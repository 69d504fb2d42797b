/* What a call wrote, where nothing says so: all memory that a task can write, before and after.
 * Nobody else may store into that memory meanwhile. */
#ifndef TASK_CHANGES_H
#define TASK_CHANGES_H

#include <stdint.h>
#include <sys/types.h>

#include "task/mapping.h"

struct page_print {
	uint64_t addr, sum; /* sum: 64 bits of XXH3 over the page */
};

struct snapshot {
	struct space maps; /* as the kernel lists them */
	VEC(struct page_print) pages;
};

struct range {
	uint64_t start, end;
};
typedef VEC(struct range) range_list;

/* Look at the memory of `tid`; the caller frees the snapshot. 0 or -errno. Takes about 10 ms
 * for 100 MB. */
int snapshot_take(pid_t tid, struct snapshot *out);
/* The pages that may have changed since, in whole pages, sorted; the caller frees the list. 0;
 * -EXDEV: what is mapped has changed; or -errno. */
int snapshot_changes(pid_t tid, const struct snapshot *before, range_list *out);
void snapshot_free(struct snapshot *s);

#endif

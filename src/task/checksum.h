/* A checksum of an address space, the same at record and at replay. */
#ifndef TASK_CHECKSUM_H
#define TASK_CHECKSUM_H

#include <stdint.h>
#include <sys/types.h>

#include "task/mapping.h"

struct page_sum {
	uint64_t addr;
	uint32_t sum;
};

typedef VEC(struct page_sum) page_sums;

/* Checksums of the private pages of `sp` that the task has written, by address: pages
 * that hold only zeros, or still are those of a file, do not count, so that it does
 * not matter which pages happen to be in memory. The caller frees the list. 0 or
 * -errno. */
int checksum_space(pid_t tid, const struct space *sp, page_sums *out);

/* The checksum of one page of a task, whoever its content comes from. 0 or -EFAULT. */
int checksum_page(pid_t tid, uint64_t addr, uint32_t *sum);

/* Visit the pages of which checksum_space makes checksums. 0 or -errno. */
typedef void page_fn(void *ctx, uint64_t addr, const uint8_t *page);
int checksum_pages(pid_t tid, const struct space *sp, page_fn *fn, void *ctx);
/* Of these only the pages whose number is `rest` modulo `step`. */
int checksum_every(pid_t tid, const struct space *sp, uint64_t step, uint64_t rest, page_fn *fn, void *ctx);
/* Visit all pages of writable mappings that are in memory, but for those that still are a
 * private file's: of shared mappings too, and those that hold only zeros. 0 or -errno. */
int checksum_present(pid_t tid, const struct space *sp, page_fn *fn, void *ctx);

/* Has the page at `addr` been stored into, so that it no longer is the file's? True as
 * well when that cannot be told. */
bool page_is_private(pid_t tid, uint64_t addr);

#endif

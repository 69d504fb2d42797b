#include "task/checksum.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/file.h"
#include "task/ptrace.h"

#define PAGE 4096ull
/* Bits of /proc/PID/pagemap (Documentation/admin-guide/mm/pagemap.rst). */
#define PM_FILE (1ull << 61)
#define PM_SWAP (1ull << 62)
#define PM_PRESENT (1ull << 63)

static bool all_zero(const uint8_t *p)
{
	return !p[0] && !memcmp(p, p + 1, PAGE - 1);
}

static bool is_private(uint64_t bits)
{
	return bits & (PM_PRESENT | PM_SWAP) && !(bits & PM_FILE);
}

struct walk {
	pid_t tid;
	int pagemap;
	uint64_t step, rest; /* visit pages whose number is `rest` modulo `step` */
	page_fn *fn;
	void *ctx;
	bool all;   /* pages of shared mappings, and pages that hold only zeros, too */
	bool reads; /* the kernel cannot list pages (scan_mapping) */
};

static bool wanted(const struct walk *w, const struct kernel_mapping *k, uint64_t bits)
{
	return k->flags & MAPF_SHARED ? bits & (PM_PRESENT | PM_SWAP) : is_private(bits);
}

/* Pages that lie together are read together. */
#define RUN 64

static void visit_run(const struct walk *w, uint64_t addr, size_t n)
{
	static _Thread_local uint8_t pages[RUN * PAGE];
	size_t got = n ? mem_read(w->tid, addr, pages, n * PAGE) / PAGE : 0;
	for (size_t i = 0; i < got; i++) {
		if (w->all || !all_zero(pages + i * PAGE))
			w->fn(w->ctx, addr + i * PAGE, pages + i * PAGE);
	}
	/* One page could not be read (beyond the end of a file): go on behind it. */
	if (w->all && got + 1 < n)
		visit_run(w, addr + (got + 1) * PAGE, n - got - 1);
}

/* The private pages [start, end): all of them were stored into. */
static void visit_range(const struct walk *w, uint64_t start, uint64_t end)
{
	uint64_t first = start / PAGE, skip = (w->rest + w->step - first % w->step) % w->step;
	uint64_t n = w->step == 1 ? RUN : 1;
	for (uint64_t at = (first + skip) * PAGE; at < end; at += n * w->step * PAGE)
		visit_run(w, at, (end - at) / PAGE < n ? (end - at) / PAGE : n);
}

/* The PAGEMAP_SCAN ioctl of Linux 6.7 and later (include/uapi/linux/fs.h) lists ranges of pages,
 * and takes no time for what is not there: a sparse mapping of terabytes is as quick as a small one. */
#define SCAN_FILE (1 << 2)
#define SCAN_PRESENT (1 << 3)
#define SCAN_SWAPPED (1 << 4)
#define SCAN_ZERO (1 << 5)

struct scan_range {
	uint64_t start, end, categories;
};

struct scan {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t inverted, all_of, any_of, tell; /* sets of SCAN_* */
};
#define SCAN_IOCTL _IOWR('f', 16, struct scan)

/* False: this kernel has no such call. */
static bool scan_mapping(const struct walk *w, const struct kernel_mapping *k)
{
	struct scan_range found[256];
	bool shared = k->flags & MAPF_SHARED;
	uint64_t never = shared ? 0 : w->all ? SCAN_FILE : SCAN_FILE | SCAN_ZERO;
	for (uint64_t at = k->start; at < k->end;) {
		struct scan scan = {.size = sizeof(scan),
				    .start = at,
				    .end = k->end,
				    .vec = (uint64_t)found,
				    .vec_len = ARRAY_LEN(found),
				    .inverted = never,
				    .all_of = never,
				    .any_of = SCAN_PRESENT | SCAN_SWAPPED,
				    .tell = SCAN_PRESENT | SCAN_SWAPPED};
		int n = ioctl(w->pagemap, SCAN_IOCTL, &scan);
		if (n < 0 || scan.walk_end <= at)
			return n >= 0 || (errno != ENOTTY && errno != EINVAL);
		for (int i = 0; i < n; i++)
			visit_range(w, found[i].start, found[i].end);
		at = scan.walk_end;
	}
	return true;
}

/* As scan_mapping, from eight bytes per page, there or not. */
static void read_mapping(const struct walk *w, const struct kernel_mapping *k)
{
	uint64_t bits[512];
	for (uint64_t at = k->start; at < k->end; at += sizeof(bits) / 8 * PAGE) {
		uint64_t n = (k->end - at) / PAGE < 512 ? (k->end - at) / PAGE : 512;
		if (pread_full(w->pagemap, bits, n * 8, at / PAGE * 8) != (ssize_t)(n * 8))
			continue;
		for (uint64_t i = 0, from = 0; i <= n; i++) {
			if (i < n && wanted(w, k, bits[i]))
				continue;
			visit_range(w, at + from * PAGE, at + i * PAGE);
			from = i + 1;
		}
	}
}

static void visit_mapping(struct walk *w, const struct kernel_mapping *k)
{
	w->reads = w->reads || !scan_mapping(w, k);
	if (w->reads)
		read_mapping(w, k);
}

static int open_pagemap(pid_t tid)
{
	char path[40];
	snprintf(path, sizeof(path), "/proc/%d/pagemap", tid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

bool page_is_private(pid_t tid, uint64_t addr)
{
	uint64_t bits = 0;
	int fd = open_pagemap(tid);
	if (fd < 0)
		return true;
	bool ok = pread_full(fd, &bits, 8, addr / PAGE * 8) == 8;
	close(fd);
	return !ok || is_private(bits);
}

int checksum_every(pid_t tid, const struct space *sp, uint64_t step, uint64_t rest, page_fn *fn, void *ctx)
{
	struct walk w = {tid, open_pagemap(tid), step, rest, fn, ctx, false, false};
	if (w.pagemap < 0)
		return -errno;
	for (const struct mapping *m = space_first(sp); m; m = space_next(sp, m)) {
		const struct kernel_mapping *k = &m->recorded;
		if (!(k->prot & PROT_WRITE) || k->flags & MAPF_SHARED)
			continue;
		visit_mapping(&w, k);
	}
	close(w.pagemap);
	return 0;
}

int checksum_pages(pid_t tid, const struct space *sp, page_fn *fn, void *ctx)
{
	return checksum_every(tid, sp, 1, 0, fn, ctx);
}

int checksum_present(pid_t tid, const struct space *sp, page_fn *fn, void *ctx)
{
	struct walk w = {tid, open_pagemap(tid), 1, 0, fn, ctx, true, false};
	if (w.pagemap < 0)
		return -errno;
	for (const struct mapping *m = space_first(sp); m; m = space_next(sp, m)) {
		if (m->recorded.prot & PROT_WRITE)
			visit_mapping(&w, &m->recorded);
	}
	close(w.pagemap);
	return 0;
}

static void add_sum(void *ctx, uint64_t addr, const uint8_t *page)
{
	page_sums *out = ctx;
	*VEC_PUSH(out) = (struct page_sum){addr, (uint32_t)XXH64(page, PAGE, 0)};
}

int checksum_page(pid_t tid, uint64_t addr, uint32_t *sum)
{
	uint8_t page[PAGE];
	if (mem_read(tid, addr, page, PAGE) != PAGE)
		return -EFAULT;
	*sum = (uint32_t)XXH64(page, PAGE, 0);
	return 0;
}

int checksum_space(pid_t tid, const struct space *sp, page_sums *out)
{
	return checksum_pages(tid, sp, add_sum, out);
}

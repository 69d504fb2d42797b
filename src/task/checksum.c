#include "task/checksum.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
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
	page_fn *fn;
	void *ctx;
	bool all; /* pages of shared mappings, and pages that hold only zeros, too */
};

static bool wanted(const struct walk *w, const struct kernel_mapping *k, uint64_t bits)
{
	return k->flags & MAPF_SHARED ? bits & (PM_PRESENT | PM_SWAP) : is_private(bits);
}

/* Pages that lie together are read together. */
#define RUN 64

static void visit_run(const struct walk *w, uint64_t addr, size_t n)
{
	static uint8_t pages[RUN * PAGE];
	size_t got = n ? mem_read(w->tid, addr, pages, n * PAGE) / PAGE : 0;
	for (size_t i = 0; i < got; i++) {
		if (w->all || !all_zero(pages + i * PAGE))
			w->fn(w->ctx, addr + i * PAGE, pages + i * PAGE);
	}
	/* One page could not be read (beyond the end of a file): go on behind it. */
	if (w->all && got + 1 < n)
		visit_run(w, addr + (got + 1) * PAGE, n - got - 1);
}

static void visit_mapping(const struct walk *w, const struct kernel_mapping *k)
{
	uint64_t bits[512];
	for (uint64_t at = k->start; at < k->end; at += sizeof(bits) / 8 * PAGE) {
		uint64_t n = (k->end - at) / PAGE < 512 ? (k->end - at) / PAGE : 512, run = 0;
		if (pread_full(w->pagemap, bits, n * 8, at / PAGE * 8) != (ssize_t)(n * 8))
			continue;
		for (uint64_t i = 0; i < n; i++) {
			bool take = wanted(w, k, bits[i]);
			run += take;
			if (take && run < RUN && i + 1 < n)
				continue;
			visit_run(w, at + (i + take - run) * PAGE, run);
			run = 0;
		}
	}
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

static void visit_every(const struct walk *w, const struct kernel_mapping *k, uint64_t step, uint64_t rest)
{
	uint64_t first = k->start / PAGE, skip = (rest + step - first % step) % step, bits;
	for (uint64_t at = (first + skip) * PAGE; at < k->end; at += step * PAGE) {
		if (pread_full(w->pagemap, &bits, 8, at / PAGE * 8) == 8 && is_private(bits))
			visit_run(w, at, 1);
	}
}

int checksum_every(pid_t tid, const struct space *sp, uint64_t step, uint64_t rest, page_fn *fn, void *ctx)
{
	struct walk w = {tid, open_pagemap(tid), fn, ctx, false};
	if (w.pagemap < 0)
		return -errno;
	for (const struct mapping *m = space_first(sp); m; m = space_next(sp, m)) {
		const struct kernel_mapping *k = &m->recorded;
		if (!(k->prot & PROT_WRITE) || k->flags & MAPF_SHARED)
			continue;
		if (step == 1)
			visit_mapping(&w, k);
		else
			visit_every(&w, k, step, rest);
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
	struct walk w = {tid, open_pagemap(tid), fn, ctx, true};
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

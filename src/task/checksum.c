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

static void add_mapping(pid_t tid, int pagemap, const struct kernel_mapping *k, page_sums *out)
{
	uint64_t bits[512];
	uint8_t page[PAGE];
	for (uint64_t at = k->start; at < k->end; at += sizeof(bits) / 8 * PAGE) {
		uint64_t n = (k->end - at) / PAGE < 512 ? (k->end - at) / PAGE : 512;
		if (pread_full(pagemap, bits, n * 8, at / PAGE * 8) != (ssize_t)(n * 8))
			continue;
		for (uint64_t i = 0; i < n; i++) {
			uint64_t addr = at + i * PAGE;
			if (!is_private(bits[i]) || mem_read(tid, addr, page, PAGE) != PAGE || all_zero(page))
				continue;
			*VEC_PUSH(out) = (struct page_sum){addr, (uint32_t)XXH64(page, PAGE, 0)};
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

int checksum_space(pid_t tid, const struct space *sp, page_sums *out)
{
	int fd = open_pagemap(tid);
	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < sp->maps.n; i++) {
		const struct kernel_mapping *k = &sp->maps.at[i].recorded;
		if (k->prot & PROT_WRITE && !(k->flags & MAPF_SHARED))
			add_mapping(tid, fd, k, out);
	}
	close(fd);
	return 0;
}

#include "task/moment.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <xxhash.h>

#include "layout.h"
#include "task/checksum.h"

#define PAGE 4096ull
#define SHARED_MAX (256ull << 20)
#define NEAR 64	   /* bytes before what a register points to, */
#define WINDOW 256 /* and of all that is kept */
#define STACK 1024
#define RED_ZONE 128

/* Sums of parts are sums of pages', which depend on their addresses too. */
static void add_page(void *ctx, uint64_t addr, const uint8_t *page)
{
	uint64_t *sums = ctx;
	sums[addr / PAGE % MOMENT_SUMS] += XXH3_64bits_withSeed(page, PAGE, addr);
}

static void add_shared(pid_t tid, const struct kernel_mapping *k, uint64_t *sums, uint64_t step,
		       uint64_t rest)
{
	uint8_t page[PAGE];
	for (uint64_t at = k->start; at < k->end; at += PAGE) {
		if (at / PAGE % step == rest && mem_read(tid, at, page, PAGE) == PAGE &&
		    (page[0] || memcmp(page, page + 1, PAGE - 1)))
			add_page(sums, at, page);
	}
}

static int sum_shared(pid_t tid, const struct space *sp, uint64_t *sums, uint64_t step, uint64_t rest)
{
	uint64_t shared = 0;
	for (const struct mapping *m = space_first(sp); m; m = space_next(sp, m)) {
		const struct kernel_mapping *k = &m->recorded;
		if (!(k->prot & PROT_WRITE) || !(k->flags & MAPF_SHARED))
			continue;
		shared += k->end - k->start;
		if (shared > SHARED_MAX)
			return -EFBIG;
		add_shared(tid, k, sums, step, rest);
	}
	return 0;
}

int moment_sums(pid_t tid, const struct space *sp, uint64_t sums[MOMENT_SUMS])
{
	memset(sums, 0, MOMENT_SUMS * sizeof(*sums));
	int rc = sum_shared(tid, sp, sums, 1, 0);
	return rc ? rc : checksum_pages(tid, sp, add_page, sums);
}

int moment_part(pid_t tid, const struct space *sp, unsigned part, uint64_t *sum)
{
	uint64_t sums[MOMENT_SUMS] = {0};
	int rc = sum_shared(tid, sp, sums, MOMENT_SUMS, part);
	rc = rc ? rc : checksum_every(tid, sp, MOMENT_SUMS, part, add_page, sums);
	*sum = sums[part];
	return rc;
}

static void put_window(struct buf *out, pid_t tid, uint64_t addr, size_t len)
{
	uint8_t bytes[STACK];
	size_t n = mem_read(tid, addr, bytes, len);
	buf_u64(out, addr);
	buf_bytes(out, bytes, n);
}

static bool points_somewhere(const struct space *sp, uint64_t addr)
{
	const struct mapping *m = addr >= RUNTIME_BASE && addr < RUNTIME_END ? NULL : space_find(sp, addr);
	return m && m->recorded.prot & PROT_READ && m->source != SRC_NONE;
}

/* From near before the address, but within the mapping. */
static uint64_t window_start(const struct space *sp, uint64_t addr, uint64_t before)
{
	uint64_t start = space_find(sp, addr)->recorded.start;
	return (addr - start < before ? start : addr - before) & ~7ull;
}

void moment_look(pid_t tid, const struct space *sp, const regs_t *r, const uint64_t *words, unsigned nwords,
		 struct buf *out)
{
	const uint64_t regs[] = {r->rbp, r->rax, r->rbx, r->rcx, r->rdx, r->rsi, r->rdi, r->r8,
				 r->r9,	 r->r10, r->r11, r->r12, r->r13, r->r14, r->r15};
	unsigned n = points_somewhere(sp, r->rsp) + nwords;
	for (size_t i = 0; i < ARRAY_LEN(regs); i++)
		n += points_somewhere(sp, regs[i]);
	buf_u64(out, n);
	for (unsigned i = 0; i < nwords; i++)
		put_window(out, tid, words[i], 8);
	if (points_somewhere(sp, r->rsp))
		put_window(out, tid, window_start(sp, r->rsp, RED_ZONE), STACK);
	for (size_t i = 0; i < ARRAY_LEN(regs); i++) {
		if (points_somewhere(sp, regs[i]))
			put_window(out, tid, window_start(sp, regs[i], NEAR), WINDOW);
	}
}

int moment_take(pid_t tid, const struct space *sp, const regs_t *r, const uint64_t *words, unsigned nwords,
		struct buf *out)
{
	uint64_t sums[MOMENT_SUMS];
	int rc = moment_sums(tid, sp, sums);
	if (rc)
		return rc;
	moment_look(tid, sp, r, words, nwords, out);
	buf_put(out, sums, sizeof(sums));
	return 0;
}

int moment_read(const uint8_t *blob, size_t len, struct moment *m)
{
	struct rd r = rd_make(blob, len);
	uint64_t n = rd_u64(&r);
	memset(m, 0, sizeof(*m));
	if (n > MOMENT_WINDOWS)
		return -1;
	for (; m->n < n; m->n++) {
		size_t size;
		m->windows[m->n].addr = rd_u64(&r);
		m->windows[m->n].data = rd_bytes(&r, &size);
		m->windows[m->n].len = (uint32_t)size;
		if (r.bad || size > STACK)
			return -1;
	}
	m->sums = rd_raw(&r, MOMENT_SUMS * 8);
	return r.bad ? -1 : 0;
}

/* Offsets in the standard format (Intel SDM volume 1, 13.4). */
#define X87_WHERE 6 /* opcode, instruction and data addresses of the last one */
#define X87_WHERE_END 24
#define SOFTWARE 464 /* the kernel's */
#define HEADER_END 576

bool moment_same_xstate(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	if (a_len != b_len || a_len < HEADER_END)
		return a_len == b_len && !memcmp(a, b, a_len);
	return !memcmp(a, b, X87_WHERE) &&
	       !memcmp(a + X87_WHERE_END, b + X87_WHERE_END, SOFTWARE - X87_WHERE_END) &&
	       !memcmp(a + HEADER_END, b + HEADER_END, a_len - HEADER_END);
}

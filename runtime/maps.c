/* Calls that change the address space, or a register that only the kernel may set. What
 * they did is done again at replay. Files are left to the recorder, which must keep them;
 * so is what fails, because it may have had half of its effect. */
#include "hook.h"

#include <asm/unistd.h>

#define PROT_RW 3
#define MAP_PRIVATE 2
#define MAP_FIXED 0x10
#define MAP_ANONYMOUS 0x20
#define MAP_NORESERVE 0x4000
#define MAP_FIXED_NOREPLACE 0x100000
/* and: fixed, noreserve, stack, populate, fixed_noreplace */
#define MAP_KNOWN (MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE | 0x20000 | 0x8000 | MAP_FIXED_NOREPLACE)
#define MADV_DONTNEED 4
#define MADV_FREE 8
#define ARCH_SET_FS 0x1002
#define PAGE_UP(x) (((x) + 4095) & ~4095ull)

/* Does [addr, addr + len) hold anything of ours? */
static bool touches(uint64_t addr, uint64_t len)
{
	uint64_t end = addr + len;
	if (end < addr || (addr < RUNTIME_END && end > RUNTIME_BASE))
		return true;
	for (uint32_t i = 0; i < STATE->nkeep; i++) {
		if (addr < STATE->keep[i].hi && end > STATE->keep[i].lo)
			return true;
	}
	return false;
}

static int done_again(struct hook_frame *f, const struct call_row *row, int64_t r)
{
	struct recording rec = rec_begin(f, row);
	rec.rec->flags |= REC_REDO;
	return rec_end(&rec, f, r);
}

/* A private mapping of a regular file: the recorder keeps the file, at a station right
 * after the call, which is one stop instead of two. */
static int map_file(struct hook_frame *f, const struct call_row *row)
{
	const uint64_t known = MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE | 0x800 /* DENYWRITE */ | MAP_FIXED_NOREPLACE;
	if (STATE->maps_off || f->r10 & ~known || fd_class(f->r8) != FD_FILE ||
	    (f->r10 & (MAP_FIXED | MAP_FIXED_NOREPLACE) && touches(f->rdi, PAGE_UP(f->rsi))))
		return BAIL;
	int64_t r = raw_frame(f);
	if (r < 0 && r > -4096)
		return BAIL;
	struct recording rec = rec_begin(f, row);
	rec.rec->flags |= REC_FILE;
	return rec_end(&rec, f, r);
}

int do_mmap(struct hook_frame *f, const struct call_row *row)
{
	uint64_t flags = f->r10;
	if (!(flags & MAP_ANONYMOUS) && (flags & 0xf) == MAP_PRIVATE)
		return map_file(f, row);
	if (STATE->maps_off || !(flags & MAP_ANONYMOUS) || (flags & 0xf) != MAP_PRIVATE || flags & ~(uint64_t)MAP_KNOWN ||
	    f->rdx & ~(uint64_t)PROT_RW || (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE) && touches(f->rdi, PAGE_UP(f->rsi))))
		return BAIL;
	int64_t r = raw_frame(f);
	return r < 0 && r > -4096 ? BAIL : done_again(f, row, r);
}

int do_munmap(struct hook_frame *f, const struct call_row *row)
{
	if (STATE->maps_off || touches(f->rdi, PAGE_UP(f->rsi)))
		return BAIL;
	int64_t r = raw_frame(f);
	return r ? BAIL : done_again(f, row, r);
}

int do_mprotect(struct hook_frame *f, const struct call_row *row)
{
	if (f->rdx & ~(uint64_t)PROT_RW)
		return BAIL;
	return do_munmap(f, row);
}

int do_brk(struct hook_frame *f, const struct call_row *row)
{
	if (STATE->maps_off)
		return BAIL;
	uint64_t old = STATE->brk ? STATE->brk : (uint64_t)raw(__NR_brk, 0, 0, 0, 0, 0, 0);
	uint64_t now = (uint64_t)raw_frame(f);
	struct recording rec = rec_begin(f, row);
	STATE->brk = now;
	rec.rec->flags |= REC_REDO;
	rec_piece(&rec, PIECE_EXTRA, old, 0);
	return rec_end(&rec, f, (int64_t)now);
}

int do_madvise(struct hook_frame *f, const struct call_row *row)
{
	/* Advice that changes nothing the program can see. */
	const uint64_t harmless = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 15 |
				  1 << 16 | 1 << 17 | 1 << 20 | 1 << 21;
	if (f->rdx < 32 && harmless >> f->rdx & 1)
		return do_plain(f, row);
	if ((f->rdx != MADV_DONTNEED && f->rdx != MADV_FREE) || touches(f->rdi, PAGE_UP(f->rsi)))
		return BAIL;
	/* When the kernel takes MADV_FREE pages is its own affair; this does so at once. But it refuses
	 * to where they are not private and anonymous. */
	if (f->rdx == MADV_FREE && raw_frame(f))
		return BAIL;
	int64_t r = raw(__NR_madvise, f->rdi, f->rsi, MADV_DONTNEED, 0, 0, 0);
	return r ? BAIL : done_again(f, row, r);
}

int do_arch_prctl(struct hook_frame *f, const struct call_row *row)
{
	if (f->rdi != ARCH_SET_FS)
		return BAIL;
	int64_t r = raw_frame(f);
	return r ? BAIL : done_again(f, row, r);
}

static void redo_brk(uint64_t old, uint64_t now)
{
	old = PAGE_UP(old);
	now = PAGE_UP(now);
	if (now > old)
		raw(__NR_mmap, old, now - old, PROT_RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE,
		    (uint64_t)-1, 0);
	else if (now < old)
		raw(__NR_munmap, now, old - now, 0, 0, 0, 0);
}

void redo(const struct record *r)
{
	const uint64_t *a = (const uint64_t *)(r + 1);
	switch (r->nr) {
	case __NR_mmap:
		raw(__NR_mmap, (uint64_t)r->result, a[1], a[2],
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, (uint64_t)-1, 0);
		break;
	case __NR_brk:
		redo_brk(((const struct piece_head *)(a + r->nargs))->addr, (uint64_t)r->result);
		break;
	case __NR_madvise:
		raw(__NR_madvise, a[0], a[1], MADV_DONTNEED, 0, 0, 0);
		break;
	case __NR_munmap:
	case __NR_mprotect:
	case __NR_arch_prctl:
		raw(r->nr, a[0], a[1], a[2], 0, 0, 0);
		break;
	}
}

/* What of a program's address space is the recorder's own, and calls of the program that ask for
 * that memory: they get what they would get if it were not there, as far as that is possible. */
#include "record/session.h"

#include <errno.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>

#include "base/err.h"
#include "layout.h"
#include "task/remote.h"

#define PAGE 4096ull
#define PAGE_UP(x) (((x) + PAGE - 1) & ~(PAGE - 1))
#define IS_ERROR(r) ((uint64_t)(r) > (uint64_t)-4096)

struct range {
	uint64_t lo, hi;
};

/* Make *r the range [lo, hi) if it is the first so far that ends after `addr`. */
static void nearer(struct range *r, uint64_t addr, uint64_t lo, uint64_t hi)
{
	if (hi > addr && lo < hi && (lo < r->lo || r->lo == r->hi))
		*r = (struct range){lo, hi};
}

bool own_next(const struct rmm *mm, uint64_t addr, uint64_t *lo, uint64_t *hi)
{
	struct range r = {0};
	nearer(&r, addr, RUNTIME_BASE, RUNTIME_END);
	for (size_t i = 0; i < mm->images.n; i++) {
		const struct placed *p = &mm->images.at[i];
		nearer(&r, addr, p->area, p->area + p->im->head.area_len);
	}
	for (size_t i = 0; i < mm->scratch.n; i++) {
		const struct scratch_area *a = &mm->scratch.at[i];
		nearer(&r, addr, a->addr, a->addr + a->size);
	}
	*lo = r.lo;
	*hi = r.hi;
	return r.lo < r.hi;
}

bool own_holds(const struct rmm *mm, uint64_t addr)
{
	uint64_t lo, hi;
	return own_next(mm, addr, &lo, &hi) && lo <= addr;
}

static bool own_overlaps(const struct rmm *mm, uint64_t start, uint64_t end)
{
	uint64_t lo, hi;
	return own_next(mm, start, &lo, &hi) && lo < end;
}

/* --- calls made in place of the program's --- */

/* Make t's call with other arguments, and put what it did on record as a part of the call, whose
 * start is on record. Its result, or -errno. */
static int64_t make(struct recorder *s, struct rtask *t, const uint64_t args[6])
{
	uint64_t asked[6];
	int64_t r = remote_one(t->tid, REMOTE_RECORD, t->nr, args[0], args[1], args[2], args[3], args[4],
			       args[5]);
	memcpy(asked, t->args, sizeof(asked));
	memcpy(t->args, args, sizeof(asked));
	log_begin(s, t, EV_MEM, 0);
	memory_exit(s, t, r);
	log_put(s);
	memcpy(t->args, asked, sizeof(asked));
	return r;
}

/* munmap, mprotect or madvise of [start, end): as if what is ours were not mapped. */
static int64_t around(struct recorder *s, struct rtask *t, const struct call *c, uint64_t start, uint64_t end)
{
	int cls = sys_row(c->nr)->cls;
	uint64_t lo, hi, args[6];
	memcpy(args, c->args, sizeof(args));
	call_log_entry(s, t);
	for (uint64_t at = start; at < end; at = hi) {
		if (!own_next(t->mm, at, &lo, &hi) || lo >= end)
			lo = hi = end;
		args[0] = at;
		args[1] = lo - at;
		int64_t r = at < lo ? make(s, t, args) : 0;
		if (IS_ERROR(r) && !(cls == C_MADVISE && r == -ENOMEM))
			return r;
		if (cls == C_MPROTECT && lo < end) /* it ends where nothing is mapped */
			return -ENOMEM;
	}
	return cls == C_MUNMAP ? 0 : -ENOMEM;
}

/* Is a call to write there, now or when it goes on after a signal? */
static bool in_use(const struct scratch_area *a)
{
	return a->user && (a->user->redirected || a->user->restart_regions.n);
}

/* Unmap scratch memory in the range that no call uses: there is more elsewhere. */
static void drop_scratch(struct rtask *t, uint64_t start, uint64_t end)
{
	struct rmm *mm = t->mm;
	for (size_t i = 0; i < mm->scratch.n; i++) {
		struct scratch_area a = mm->scratch.at[i];
		if (a.addr >= end || a.addr + a.size <= start || in_use(&a))
			continue;
		if (a.user)
			scratch_release(a.user);
		remote_one(t->tid, REMOTE_RECORD, SYS_munmap, a.addr, a.size, 0, 0, 0, 0);
		mm->scratch.at[i--] = mm->scratch.at[--mm->scratch.n];
	}
	buffer_note_own(mm);
}

static int64_t refuse(struct recorder *s, const struct rtask *t, uint64_t addr)
{
	if (t->nr == SYS_mmap && t->args[3] & MAP_FIXED_NOREPLACE)
		return -EEXIST;
	if (!s->warned_own)
		say("task %d asks for memory at 0x%llx and nowhere else, where the recorder has its own: it "
		    "is "
		    "told that there is none (ENOMEM). If it does not get on, try record --no-buffer",
		    t->tid, (unsigned long long)addr);
	s->warned_own = true;
	return -ENOMEM;
}

/* A call that puts something into [start, end) and nowhere else, whatever is there. */
static enum disposition replace(struct recorder *s, struct rtask *t, struct call *c, uint64_t start,
				uint64_t end)
{
	if (!own_overlaps(t->mm, start, end))
		return DISP_CALL_EXIT;
	call_log_entry(s, t);
	drop_scratch(t, start, end);
	giveway_range(s, t, start, end);
	c->result = own_overlaps(t->mm, start, end) ? refuse(s, t, start) : make(s, t, c->args);
	return DISP_SKIP;
}

static enum disposition start_mremap(struct recorder *s, struct rtask *t, struct call *c)
{
	const uint64_t *a = c->args;
	if (a[0] & (PAGE - 1) || a[0] + a[1] < a[0])
		return DISP_CALL_EXIT;
	if (own_overlaps(t->mm, a[0], a[0] + (a[1] ? PAGE_UP(a[1]) : PAGE))) {
		c->result = -EFAULT;
		return DISP_SKIP;
	}
	if (!(a[3] & MREMAP_FIXED) || a[4] & (PAGE - 1) || a[4] + a[2] < a[4])
		return DISP_CALL_EXIT;
	return replace(s, t, c, a[4], a[4] + PAGE_UP(a[2]));
}

static enum disposition start_shmat(struct recorder *s, struct rtask *t, struct call *c)
{
	struct shmid_ds ds;
	if (!(c->args[2] & SHM_REMAP) || !c->args[1] || shmctl((int)c->args[0], IPC_STAT, &ds))
		return DISP_CALL_EXIT;
	uint64_t start = c->args[1] & ~(PAGE - 1);
	return replace(s, t, c, start, start + PAGE_UP(ds.shm_segsz));
}

/* Does mmap fail since something of the program's is there? */
static bool taken(const struct rtask *t, const struct call *c, uint64_t start, uint64_t end)
{
	const struct mapping *m = space_from(&t->mm->space, start);
	return c->args[3] & MAP_FIXED_NOREPLACE && m && m->recorded.start < end;
}

enum disposition own_start(struct recorder *s, struct rtask *t, struct call *c)
{
	uint64_t start = c->args[0], end = start + PAGE_UP(c->args[1]);
	int cls = sys_row(c->nr)->cls;
	if (cls == C_MREMAP)
		return start_mremap(s, t, c);
	if (cls == C_SHMAT)
		return start_shmat(s, t, c);
	if (start & (PAGE - 1) || end <= start)
		return DISP_CALL_EXIT; /* the kernel says what is wrong */
	if (cls == C_MMAP)
		return c->args[3] & (MAP_FIXED | MAP_FIXED_NOREPLACE) && !taken(t, c, start, end)
			       ? replace(s, t, c, start, end)
			       : DISP_CALL_EXIT;
	if ((cls != C_MUNMAP && cls != C_MPROTECT && cls != C_MADVISE) || !own_overlaps(t->mm, start, end))
		return DISP_CALL_EXIT;
	c->result = around(s, t, c, start, end);
	return DISP_SKIP;
}

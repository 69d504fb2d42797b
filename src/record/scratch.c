/* Kernel writes have a moment (DESIGN 2.6): a call that may block gets its
 * out-buffers redirected to memory that nobody looks at, while other tasks that
 * share the program's memory run. At the exit the results are copied to where the
 * program wanted them: that is the moment. */
#include "record/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "base/err.h"
#include "layout.h"
#include "task/remote.h"

#define AREA_MIN 0x10000ull
#define AREA_MAX (1ull << 30)

void scratch_release(struct rtask *t)
{
	for (size_t i = 0; i < t->mm->scratch.n; i++) {
		if (t->mm->scratch.at[i].user == t)
			t->mm->scratch.at[i].user = NULL;
	}
	t->scratch = t->scratch_size = 0;
}

static void use(struct rtask *t, struct scratch_area *a)
{
	scratch_release(t);
	a->user = t;
	t->scratch = a->addr;
	t->scratch_size = a->size;
}

static bool reuse(struct rtask *t, uint64_t need)
{
	for (size_t i = 0; i < t->mm->scratch.n; i++) {
		struct scratch_area *a = &t->mm->scratch.at[i];
		if (a->user || a->size < need)
			continue;
		use(t, a);
		return true;
	}
	return false;
}

/* Map memory of `size` bytes in the task. Its address, or -errno. Forked children have other
 * calls: they do not inherit it. (Nor does the kernel merge it with the program's mappings
 * then, beside which it may lie.) */
static int64_t map_area(struct rtask *t, uint64_t size)
{
	struct rmm *mm = t->mm;
	uint64_t hint = mm->scratch_next + size <= RUNTIME_SCRATCH_END ? mm->scratch_next : 0;
	struct remote_call c[2] = {{SYS_mmap,
				    {hint, size, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, (uint64_t)-1, 0},
				    0},
				   {SYS_madvise, {RUNTIME_RESULT, size, MADV_DONTFORK}, 0}};
	int rc = remote_batch(t->tid, c, 2, REMOTE_RECORD);
	if (hint)
		mm->scratch_next += size;
	return rc ? rc : c[0].result;
}

/* Give `t` a scratch area of `need` bytes. It is at the start of a call, which the
 * remote call displaces, so the call must be started again: 1. */
static int make_area(struct recorder *s, struct rtask *t, uint64_t need)
{
	uint64_t size = AREA_MIN;
	while (size < need)
		size *= 2;
	int64_t r = map_area(t, size);
	if (r < 0 && r > -4096) {
		if (r == -ESRCH)
			return -ESRCH;
		err_sys((int)-r, "cannot make scratch memory in task %d", t->tid);
		rec_fail(s);
		return -ESRCH;
	}
	struct scratch_area *a = VEC_PUSH(&t->mm->scratch);
	*a = (struct scratch_area){.addr = (uint64_t)r, .size = size};
	use(t, a);
	buffer_note_own(t->mm);
	return 1;
}

static bool in_shared(const struct rmm *mm, const struct region *r)
{
	for (struct mapping *m = space_from(&mm->space, r->addr); m && m->recorded.start < r->addr + r->len;
	     m = space_from(&mm->space, m->recorded.end)) {
		if (m->recorded.flags & MAPF_SHARED)
			return true;
	}
	return false;
}

/* Does anybody look at the memory that this call writes while it blocks? */
static bool needed(const struct rtask *t)
{
	bool all = t->mm->refs > 1;
	for (size_t i = 0; i < t->regions.n; i++) {
		const struct region *r = &t->regions.at[i];
		if (r->dir & DIR_OUT && (all || (t->mm->shares && in_shared(t->mm, r))))
			return true;
	}
	return false;
}

static bool moves(const struct region *r)
{
	return r->addr && (r->dir & DIR_OUT || r->container);
}

static bool has_place(const struct region *r)
{
	return r->parent != -2 || r->rule == R_MMSGHDR;
}

bool scratch_cannot(const struct rtask *t)
{
	for (size_t i = 0; i < t->regions.n; i++) {
		if (t->regions.at[i].dir & DIR_OUT && !has_place(&t->regions.at[i]))
			return true;
	}
	return false;
}

/* Lay the regions out; the bytes needed. A row of mmsghdrs stays a row. */
static uint64_t lay_out(struct rtask *t)
{
	uint64_t at = 0, row = 0;
	for (size_t i = 0; i < t->regions.n; i++) {
		struct region *r = &t->regions.at[i];
		if (r->rule == R_MMSGHDR)
			row += (r->len + 15) & ~15ull;
	}
	uint64_t next_msg = 0;
	at = row;
	for (size_t i = 0; i < t->regions.n; i++) {
		struct region *r = &t->regions.at[i];
		if (!moves(r) || !has_place(r))
			continue;
		uint64_t size = (r->len + 15) & ~15ull;
		if (r->rule == R_MMSGHDR) {
			r->scratch = next_msg + 1; /* offset + 1 for now */
			next_msg += size;
		} else {
			r->scratch = at + 1;
			at += size;
		}
	}
	return at;
}

/* May the program write all of [start, end)? Where not, the kernel must see the
 * original address, so that the call fails as it should. */
static bool writable(const struct rmm *mm, uint64_t start, uint64_t end)
{
	while (start < end) {
		struct mapping *m = space_from(&mm->space, start);
		if (!m || !(m->recorded.prot & PROT_WRITE))
			return false;
		if (m->recorded.start > start && !(m->recorded.flags & MAPF_GROWSDOWN))
			return false;
		start = m->recorded.end;
	}
	return true;
}

static int copy_in(struct rtask *t, const struct region *r)
{
	if (!(r->dir & DIR_IN) && r->rule != R_FIXED)
		return 0;
	char *tmp = xmalloc(r->len);
	size_t got = mem_read(t->tid, r->addr, tmp, r->len);
	int rc = mem_write(t->tid, r->scratch, tmp, got);
	if (r->dir & DIR_OUT) {
		uint64_t head[2] = {r->addr, got};
		buf_put(&t->redirected_in, head, sizeof(head));
		buf_put(&t->redirected_in, tmp, got);
	}
	free(tmp);
	return rc ? rc : got == r->len ? 0 : -EFAULT;
}

static int redirect(struct rtask *t, uint64_t args[6])
{
	for (size_t i = 0; i < t->regions.n; i++) {
		struct region *r = &t->regions.at[i];
		if (!r->scratch)
			continue;
		r->scratch += t->scratch - 1;
		if (((r->dir & DIR_OUT) && !writable(t->mm, r->addr, r->addr + r->len)) || copy_in(t, r)) {
			r->scratch = 0;
			continue;
		}
		if (r->parent == -1)
			args[r->arg] = r->scratch;
		else if (r->parent >= 0 && t->regions.at[r->parent].scratch &&
			 mem_write(t->tid, t->regions.at[r->parent].scratch + r->parent_off, &r->scratch, 8))
			return -ESRCH;
	}
	return 0;
}

int scratch_room(struct recorder *s, struct rtask *t, uint64_t size)
{
	return size <= t->scratch_size || reuse(t, size) ? 0 : make_area(s, t, size);
}

int scratch_redirect(struct recorder *s, struct rtask *t)
{
	if (t->nr == SYS_restart_syscall) {
		/* The kernel remembers where the interrupted call was told to write. */
		if (!t->restart_regions.n)
			return 0;
		t->regions.n = 0;
		for (size_t i = 0; i < t->restart_regions.n; i++)
			*VEC_PUSH(&t->regions) = t->restart_regions.at[i];
		t->redirected = true;
		return 0;
	}
	t->restart_regions.n = 0;
	if (!needed(t))
		return 0;
	uint64_t need = lay_out(t);
	if (need > AREA_MAX) {
		err_set("task %d: a blocking %s of %llu bytes is larger than can be recorded", t->tid,
			sys_name(t->nr), (unsigned long long)need);
		rec_fail(s);
		return -ESRCH;
	}
	int rc = scratch_room(s, t, need);
	if (rc)
		return rc;
	uint64_t args[6];
	memcpy(args, t->args, sizeof(args));
	t->redirected_in.len = 0;
	if (redirect(t, args))
		return -ESRCH;
	t->redirected = true;
	/* Lengths behind pointers (socklen_t) are read where the kernel finds them. */
	regs_t r = t->regs;
	r.rdi = args[0];
	r.rsi = args[1];
	r.rdx = args[2];
	r.r10 = args[3];
	r.r8 = args[4];
	r.r9 = args[5];
	return pt_setregs(t->tid, &r);
}

/* What was copied from `addr` to scratch memory at the start, or NULL. */
static const uint8_t *copied_in(const struct rtask *t, uint64_t addr, size_t len)
{
	const uint8_t *p = t->redirected_in.data, *end = p + t->redirected_in.len;
	while (p < end) {
		uint64_t head[2];
		memcpy(head, p, sizeof(head));
		if (addr >= head[0] && addr + len <= head[0] + head[1])
			return p + sizeof(head) + (addr - head[0]);
		p += sizeof(head) + head[1];
	}
	return NULL;
}

/* Calls that fail, or write less than they may, leave the rest as it is; others may have changed that
 * since the start of the call. */
static void put_changed(struct rtask *t, uint64_t addr, const uint8_t *now, size_t n, const uint8_t *before)
{
	for (size_t i = 0, k; i < n; i = k + 1) {
		for (k = i; k < n && now[k] != before[k];)
			k++;
		if (k > i)
			mem_write(t->tid, addr + i, now + i, k - i);
	}
}

void scratch_restore(struct recorder *s, struct rtask *t, regs_t *r, const region_list *written)
{
	(void)s;
	if ((int64_t)r->rax == RESULT_RESTART_FIRST && t->nr != SYS_restart_syscall) {
		for (size_t i = 0; i < t->regions.n; i++)
			*VEC_PUSH(&t->restart_regions) = t->regions.at[i];
	}
	/* After EFAULT nobody knows how much of it the kernel has written: the program's memory stays as it
	 * is. */
	for (size_t i = 0; (int64_t)r->rax != -EFAULT && i < written->n; i++) {
		const struct region *w = &written->at[i];
		uint8_t *tmp = xmalloc(w->len);
		size_t got = call_read(t, w->addr, tmp, w->len);
		const uint8_t *before = t->entry_logged ? copied_in(t, w->addr, got) : NULL;
		if (before)
			put_changed(t, w->addr, tmp, got, before);
		else
			mem_write(t->tid, w->addr, tmp, got);
		free(tmp);
	}
	r->rdi = t->args[0];
	r->rsi = t->args[1];
	r->rdx = t->args[2];
	r->r10 = t->args[3];
	r->r8 = t->args[4];
	r->r9 = t->args[5];
	t->redirected = false;
}

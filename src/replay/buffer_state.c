/* The buffered calls that a task was given: how far it is with them. */
#include "replay/session.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "abi/sysrow.h"
#include "base/err.h"
#include "layout.h"
#include "shared.h"

#define STATE(field) (RUNTIME_STATE + offsetof(struct state, field))

/* used and pos, which are neighbours */
int buffer_pos(struct ptask *t, uint64_t pos[2])
{
	_Static_assert(offsetof(struct state, pos) == offsetof(struct state, used) + 8, "neighbours");
	return mem_read(t->pid, STATE(used), pos, 16) == 16 ? 0 : err_set("lost task %d", t->tid);
}

int buffer_set_pos(struct ptask *t, const uint64_t pos[2])
{
	return mem_write(t->pid, STATE(used), pos, 16) ? err_set("lost task %d", t->tid) : 0;
}

void buffer_map_used(struct pmm *mm, uint64_t used)
{
	size_t n = 0;
	for (; n < mm->to_map.n && mm->to_map.at[n].end <= used; n++) {
		const struct mapping_call *c = &mm->to_map.at[n];
		space_buffered(&mm->space, c->nr, c->args, c->result, c->old);
	}
	if (!n)
		return;
	mm->to_map.n -= n;
	memmove(mm->to_map.at, mm->to_map.at + n, mm->to_map.n * sizeof(*mm->to_map.at));
}

/* Where the last record of a call ends that is before `pos`; 0: there is none. */
static uint64_t calls_end(const struct pmm *mm, uint64_t pos)
{
	size_t lo = 0, hi = mm->ends.n;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (mm->ends.at[mid] <= pos)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? mm->ends.at[lo - 1] : 0;
}

int buffer_used(struct ptask *t, uint64_t *used)
{
	uint64_t pos[2];
	bool loaded = t->mm->loaded && t->mm->loader == t->tid;
	if (loaded && buffer_pos(t, pos))
		return -1;
	*used = loaded ? calls_end(t->mm, pos[1]) : t->mm->used;
	if (loaded)
		buffer_map_used(t->mm, *used);
	return 0;
}

bool buffer_left(struct ptask *t)
{
	uint64_t pos[2];
	return t->mm->loaded && (buffer_pos(t, pos) || pos[1] < pos[0]);
}

int buffer_check(struct replay *s, struct ptask *t)
{
	uint64_t pos[2];
	struct record r = {0};
	if (!t->mm->loaded || s->partial)
		return 0;
	if (buffer_pos(t, pos))
		return -1;
	t->mm->loaded = 0;
	t->mm->used = calls_end(t->mm, pos[1]);
	buffer_map_used(t->mm, pos[1]);
	if (pos[0] == pos[1])
		return 0;
	mem_read(t->pid, RUNTIME_BUF + pos[1], &r, sizeof(r));
	return diverge(s, t, "the task did not make the recorded system call %s", sys_name(r.nr));
}

void buffer_regs(struct ptask *t, regs_t *r)
{
	struct hook_frame f;
	struct state st;
	if (mem_read(t->pid, RUNTIME_STACK_TOP - sizeof(f), &f, sizeof(f)) != sizeof(f) ||
	    mem_read(t->pid, RUNTIME_STATE, &st, sizeof(st)) != sizeof(st))
		return;
	r->rdi = f.rdi, r->rsi = f.rsi, r->rdx = f.rdx, r->r10 = f.r10, r->r8 = f.r8, r->r9 = f.r9;
	r->rbx = f.rbx, r->rbp = f.rbp, r->r12 = f.r12, r->r13 = f.r13, r->r14 = f.r14, r->r15 = f.r15;
	r->orig_rax = f.rax;
	r->rax = (uint64_t)-ENOSYS;
	r->rsp = st.rsp;
	r->eflags = r->r11 = f.flags;
	r->rip = r->rcx = placed_to_app(&t->mm->images, f.bail) + 2;
}

int buffer_diverged(struct replay *s, struct ptask *t)
{
	struct state st;
	if (mem_read(t->pid, RUNTIME_STATE, &st, sizeof(st)) != sizeof(st))
		return err_set("lost task %d", t->tid);
	unsigned long long want = st.diverged[1], have = st.diverged[2];
	if (st.diverged[0] == DIFFERS_CALL) {
		char was[48];
		snprintf(was, sizeof(was), "%s", sys_name((int64_t)want));
		return diverge(s, t, "the task makes system call %s, recorded was %s",
			       sys_name((int64_t)have), was);
	}
	struct record r = {0};
	mem_read(t->pid, RUNTIME_BUF + st.pos, &r, sizeof(r));
	if (st.diverged[0] == DIFFERS_MEMORY)
		return diverge(s, t, "the memory that %s reads differs from 0x%llx on",
			       sys_name((int64_t)want), have);
	return diverge(s, t, "argument %llu of %s is 0x%llx, recorded 0x%llx",
		       (unsigned long long)(st.diverged[0] - DIFFERS_ARG), sys_name(r.nr), have, want);
}

/* Buffered calls: the runtime in the task answers them from the records that it is given
 * here, without a stop. */
#include "replay/session.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "abi/sysrow.h"
#include "base/err.h"
#include "layout.h"
#include "shared.h"
#include "trace/records.h"

#define STATE(field) (RUNTIME_STATE + offsetof(struct state, field))

/* used and pos, which are neighbours */
static int get_pos(struct ptask *t, uint64_t pos[2])
{
	_Static_assert(offsetof(struct state, pos) == offsetof(struct state, used) + 8, "neighbours");
	return mem_read(t->pid, STATE(used), pos, 16) == 16 ? 0 : err_set("lost task %d", t->tid);
}

static void args_of(const regs_t *r, uint64_t a[6])
{
	const uint64_t v[6] = {r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9};
	memcpy(a, v, sizeof(v));
}

static bool hits(uint64_t start, uint64_t end)
{
	return end < start || end > 1ull << 47 || (start < RUNTIME_END && end > RUNTIME_BASE);
}

/* A call that is made again must not change what is ours. */
static bool touches_runtime(const struct event *c)
{
	const regs_t *r = &c->regs;
	uint64_t len = (r->rsi + 4095) & ~4095ull, old = (uint64_t)c->arg[0];
	if (c->code == SYS_arch_prctl)
		return false;
	if (c->code == SYS_brk)
		return old < r->rax ? hits(old, r->rax + 4096) : hits(r->rax, old + 4096);
	return c->code == SYS_mmap ? hits(r->rax, r->rax + len) : hits(r->rdi, r->rdi + len);
}

/* The records must be well formed, and write to the program's memory only: the runtime
 * trusts them. */
static int check_records(struct ptask *t, const struct event *ev)
{
	struct event rec = {0};
	size_t at = 0;
	int rc;
	while ((rc = record_next(ev, &at, &rec)) == 1) {
		if (rec.arg[1] && touches_runtime(&rec))
			rc = -1;
		for (size_t i = 0; rc >= 0 && i < rec.chunks.n; i++) {
			const struct ev_chunk *ch = &rec.chunks.at[i];
			if (ch->kind == CH_OUT && ch->addr < RUNTIME_END && ch->addr + ch->len > RUNTIME_BASE)
				rc = -1;
		}
		if (rc < 0)
			break;
		uint64_t a[6];
		args_of(&rec.regs, a);
		if (rec.arg[1])
			space_buffered(&t->mm->space, rec.code, a, rec.regs.rax, (uint64_t)rec.arg[0]);
	}
	event_free(&rec);
	return rc;
}

/* What the runtime did when it said that a station follows. */
static int to_station(struct replayer *s, struct ptask *t)
{
	struct state st;
	if (run_to_entry(s, t))
		return -1;
	if (t->regs.orig_rax != RUNTIME_STATION_NR)
		return diverge(s, t, "the task makes system call %s, not a buffered one",
			       sys_name((int64_t)t->regs.orig_rax));
	if (mem_read(t->pid, RUNTIME_STATE, &st, sizeof(st)) != sizeof(st))
		return err_set("lost task %d", t->tid);
	regs_t r = t->regs;
	r.rip = st.ret;
	r.rax = st.result;
	r.rcx = placed_to_app(&t->mm->images, r.rip);
	return buffer_check(s, t) || run_set_regs(s, t, &r) ? -1 : 0;
}

int buffer_play(struct replayer *s, struct ptask *t, const struct event *ev)
{
	uint64_t pos[2] = {0, 0};
	if (ev->blob_len > RUNTIME_BUF_SIZE || check_records(t, ev))
		return err_set("the trace is damaged: malformed records of calls");
	if (t->at_entry)
		return diverge(s, t, "the task is in a system call");
	if (t->mm->loaded && get_pos(t, pos))
		return -1;
	if (pos[1] < pos[0])
		return diverge(s, t, "the task has not made %llu bytes of recorded calls",
			       (unsigned long long)(pos[0] - pos[1]));
	pos[0] = ev->blob_len;
	pos[1] = 0;
	if (mem_write(t->pid, RUNTIME_BUF, ev->blob, ev->blob_len) || mem_write(t->pid, STATE(used), pos, 16))
		return err_set("lost task %d", t->tid);
	t->mm->loaded = ev->blob_len;
	t->mm->loader = t->tid;
	if (!ev->arg[0])
		return 0;
	return position_before(s, t, ev) || to_station(s, t) ? -1 : 0;
}

bool buffer_left(struct ptask *t)
{
	uint64_t pos[2];
	return t->mm->loaded && (get_pos(t, pos) || pos[1] < pos[0]);
}

int buffer_check(struct replayer *s, struct ptask *t)
{
	uint64_t pos[2];
	struct record r = {0};
	if (!t->mm->loaded || s->partial)
		return 0;
	if (get_pos(t, pos))
		return -1;
	t->mm->loaded = 0;
	if (pos[0] == pos[1])
		return 0;
	mem_read(t->pid, RUNTIME_BUF + pos[1], &r, sizeof(r));
	return diverge(s, t, "the task did not make the recorded system call %s", sys_name(r.nr));
}

int buffer_use_up(struct replayer *s, struct ptask *t)
{
	uint64_t pos[2];
	if (!t->mm->loaded || t->mm->loader != t->tid || get_pos(t, pos) || pos[1] >= pos[0])
		return 0;
	/* Make the last one end with a stop. */
	for (uint64_t at = pos[1];;) {
		struct record r;
		if (mem_read(t->pid, RUNTIME_BUF + at, &r, sizeof(r)) != sizeof(r))
			return err_set("lost task %d", t->tid);
		if (at + r.size < pos[0]) {
			at += r.size;
			continue;
		}
		r.flags |= REC_STATION;
		mem_write(t->pid, RUNTIME_BUF + at, &r, sizeof(r));
		return to_station(s, t);
	}
}

int buffer_diverged(struct replayer *s, struct ptask *t)
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

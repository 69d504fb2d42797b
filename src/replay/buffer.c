/* Buffered calls: the runtime in the task answers them from the records that it is given
 * here, without a stop. */
#include "replay/session.h"

#include <string.h>
#include <sys/syscall.h>

#include "abi/sysrow.h"
#include "base/err.h"
#include "layout.h"
#include "shared.h"
#include "trace/records.h"

static void args_of(const regs_t *r, uint64_t a[6])
{
	const uint64_t v[6] = {r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9};
	memcpy(a, v, sizeof(v));
}

static bool hits(uint64_t start, uint64_t end)
{
	return end < start || end > 1ull << 47 || (start < RUNTIME_END && end > RUNTIME_BASE);
}

/* Memory that a call changes which is made again; lo == hi: none. */
static struct redone redone_by(const struct event *c, size_t end)
{
	const regs_t *r = &c->regs;
	uint64_t len = (r->rsi + 4095) & ~4095ull, old = (uint64_t)c->arg[0];
	if (c->code == SYS_arch_prctl)
		return (struct redone){.end = end};
	if (c->code == SYS_brk)
		return old < r->rax ? (struct redone){end, old, r->rax + 4096, true}
				    : (struct redone){end, r->rax, old + 4096, true};
	uint64_t lo = c->code == SYS_mmap ? r->rax : r->rdi;
	return (struct redone){end, lo, lo + len, c->code != SYS_madvise};
}

/* It must not change what is ours. */
static bool note_redone(struct ptask *t, const struct event *c, size_t end)
{
	struct redone d = redone_by(c, end);
	if (d.lo == d.hi)
		return true;
	*VEC_PUSH(&t->mm->redone) = d;
	return !hits(d.lo, d.hi);
}

/* The records must be well formed, and write to the program's memory only: the runtime
 * trusts them. */
static int check_records(struct ptask *t, const struct event *ev)
{
	struct event rec = {0};
	size_t at = 0;
	int rc;
	buffer_map_used(t->mm, UINT64_MAX);
	t->mm->ends.n = t->mm->redone.n = 0;
	while ((rc = record_next(ev, &at, &rec)) == 1) {
		if (rec.kind == EV_SYSCALL)
			*VEC_PUSH(&t->mm->ends) = (uint32_t)at;
		if (rec.arg[1] && !note_redone(t, &rec, at))
			rc = -1;
		for (size_t i = 0; rc >= 0 && i < rec.chunks.n; i++) {
			const struct ev_chunk *ch = &rec.chunks.at[i];
			if (ch->kind == CH_OUT && ch->addr < RUNTIME_END && ch->addr + ch->len > RUNTIME_BASE)
				rc = -1;
		}
		if (rc < 0)
			break;
		struct mapping_call c = {
			.end = at, .nr = rec.code, .result = rec.regs.rax, .old = (uint64_t)rec.arg[0]};
		args_of(&rec.regs, c.args);
		if (rec.arg[1])
			*VEC_PUSH(&t->mm->to_map) = c;
	}
	event_free(&rec);
	return rc;
}

/* What the runtime did when it said that a station follows. */
static int to_station(struct replay *s, struct ptask *t)
{
	if (run_to_entry(s, t))
		return -1;
	if (t->regs.orig_rax != RUNTIME_STATION_NR)
		return diverge(s, t, "the task makes system call %s, not a buffered one",
			       sys_name((int64_t)t->regs.orig_rax));
	s->returned = t->caught - 1;
	t->caught = 0;
	return buffer_leave(s, t) || buffer_check(s, t) ? -1 : 0;
}

/* Pages of ours go from where calls that are made again map memory. */
static int make_room(struct ptask *t)
{
	for (size_t i = 0; i < t->mm->redone.n; i++) {
		if (points_make_room(t, t->mm->redone.at[i].lo, t->mm->redone.at[i].hi))
			return -1;
	}
	return 0;
}

static int load(struct replay *s, struct ptask *t, const struct event *ev)
{
	uint64_t pos[2] = {0, 0};
	if (ev->blob_len > RUNTIME_BUF_SIZE || check_records(t, ev))
		return err_set("the trace is damaged: malformed records of calls");
	if (t->at_entry)
		return diverge(s, t, "the task is in a system call");
	if (t->mm->loaded && buffer_pos(t, pos))
		return -1;
	if (pos[1] < pos[0])
		return diverge(s, t, "the task has not made %llu bytes of recorded calls",
			       (unsigned long long)(pos[0] - pos[1]));
	pos[0] = ev->blob_len;
	pos[1] = 0;
	if (mem_write(t->pid, RUNTIME_BUF, ev->blob, ev->blob_len) || buffer_set_pos(t, pos))
		return err_set("lost task %d", t->tid);
	t->mm->loaded = ev->blob_len;
	t->mm->loader = t->tid;
	t->mm->loaded_by = ev->seq;
	t->mm->ends_with_station = ev->arg[0];
	t->mm->marks = 0;
	return make_room(t);
}

int buffer_play(struct replay *s, struct ptask *t, const struct event *ev)
{
	/* Called again after a stop on the way, it has loaded them already. */
	if (t->mm->loaded_by != ev->seq && load(s, t, ev))
		return -1;
	return ev->arg[0] ? to_station(s, t) : 0;
}

int buffer_use_up(struct replay *s, struct ptask *t)
{
	uint64_t pos[2];
	if (!t->mm->loaded || t->mm->loader != t->tid || buffer_pos(t, pos) || pos[1] >= pos[0])
		return 0;
	/* Make the last one end with a stop. */
	t->mm->ends_with_station = true;
	for (uint64_t at = pos[1];;) {
		struct record r;
		if (mem_read(t->pid, RUNTIME_BUF + at, &r, sizeof(r)) != sizeof(r))
			return err_set("lost task %d", t->tid);
		if (r.size < sizeof(r)) /* the program has written there */
			return err_set("the buffer of task %d is damaged", t->tid);
		if (at + r.size < pos[0]) {
			at += r.size;
			continue;
		}
		r.flags |= REC_STATION;
		mem_write(t->pid, RUNTIME_BUF + at, &r, sizeof(r));
		return to_station(s, t);
	}
}

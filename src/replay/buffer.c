/* Buffered calls: the runtime in the task answers them from the records that it is given
 * here, without a stop. */
#include "replay/session.h"

#include <errno.h>
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

/* The task has made the calls whose records end at `used` or before: its mappings are as those left them. */
static void map_used(struct pmm *mm, uint64_t used)
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

/* The records must be well formed, and write to the program's memory only: the runtime
 * trusts them. */
static int check_records(struct ptask *t, const struct event *ev)
{
	struct event rec = {0};
	size_t at = 0;
	int rc;
	map_used(t->mm, UINT64_MAX);
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

/* The registers behind a call that ended with a stop are the program's: where it goes on, the result. */
static int leave_station(struct replay *s, struct ptask *t)
{
	struct state st;
	if (mem_read(t->pid, RUNTIME_STATE, &st, sizeof(st)) != sizeof(st))
		return err_set("lost task %d", t->tid);
	regs_t r = t->regs;
	r.rip = st.ret;
	r.rax = st.result;
	r.rcx = placed_to_app(&t->mm->images, r.rip);
	return run_set_regs(s, t, &r);
}

/* The entry of the call whose record ends there, if its effects are to be seen; or NULL. */
static const struct redone *redone_at(const struct replay *s, struct ptask *t, uint64_t end)
{
	for (size_t i = 0; s->guards.n && i < t->mm->redone.n; i++) {
		const struct redone *d = &t->mm->redone.at[i];
		if (d->end == end)
			return guards_hit(s, t, d->lo, d->hi) ? d : NULL;
	}
	return NULL;
}

/* `t` has stopped behind a call: has that changed the protection of guarded pages? */
static int note_guards(struct replay *s, struct ptask *t)
{
	uint64_t used;
	if (!s->guards.n)
		return 0;
	if (buffer_used(t, &used))
		return -1;
	const struct redone *d = redone_at(s, t, used);
	if (d && d->protects)
		guards_gone(t->mm, d->lo, d->hi);
	return 0;
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
	return note_guards(s, t) || leave_station(s, t) || buffer_check(s, t) ? -1 : 0;
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

/* --- stops that the client wants --- */

int buffer_used(struct ptask *t, uint64_t *used)
{
	uint64_t pos[2];
	bool loaded = t->mm->loaded && t->mm->loader == t->tid;
	if (loaded && get_pos(t, pos))
		return -1;
	*used = loaded ? calls_end(t->mm, pos[1]) : t->mm->used;
	if (loaded)
		map_used(t->mm, *used);
	return 0;
}

/* A record's flags, as the client's wishes want them. Records in the trace have no REC_CATCH, and only the
 * last one of a buffer ends with a station. */
static uint8_t marks_of(const struct replay *s, struct ptask *t, const struct record *r, uint64_t at,
			uint64_t used, bool next)
{
	uint64_t end = at + r->size;
	uint8_t flags = r->flags & (uint8_t) ~(REC_CATCH | REC_STATION);
	bool last = end == used && t->mm->ends_with_station;
	bool wanted = s->way.active && s->way.to.event == s->last_stop && s->way.to.calls == end;
	bool call = r->nr != RUNTIME_RDTSC_NR;
	if (call && (stop_catches(s, r->nr) || (next && journey_is(s, MOVE_CALL, 0))))
		flags |= REC_CATCH;
	if (last || (call && (wanted || stop_catches(s, r->nr) || redone_at(s, t, end))))
		flags |= REC_STATION;
	return flags;
}

int buffer_mark(struct replay *s, struct ptask *t)
{
	uint64_t pos[2];
	bool call = journey_is(s, MOVE_CALL, 0);
	uint64_t to = s->way.active && s->way.to.event == s->last_stop ? s->way.to.calls : 0;
	uint64_t key = 1 + ((uint64_t)s->calls_gen << 32 | to << 1 | call);
	bool any = t->mm->marks || s->catching || to || call || (s->guards.n && t->mm->redone.n);
	if (!t->mm->loaded || (t->mm->marks == key && t->mm->marks_guards == s->guards_made) || !any)
		return 0;
	if (get_pos(t, pos) || pos[0] > RUNTIME_BUF_SIZE || pos[1] > pos[0])
		return err_set("the buffer of task %d is damaged", t->tid);
	size_t n = pos[0] - pos[1];
	uint8_t *all = xmalloc(n + 1);
	bool changed = false;
	struct record r;
	int rc = mem_read(t->pid, RUNTIME_BUF + pos[1], all, n) == n ? 0 : err_set("lost task %d", t->tid);
	for (size_t at = 0; !rc && at + sizeof(r) <= n; at += r.size) {
		memcpy(&r, all + at, sizeof(r));
		uint8_t flags = marks_of(s, t, &r, pos[1] + at, pos[0], !at);
		changed |= flags != r.flags;
		all[at + offsetof(struct record, flags)] = flags;
	}
	if (!rc && changed && mem_write(t->pid, RUNTIME_BUF + pos[1], all, n))
		rc = err_set("lost task %d", t->tid);
	free(all);
	t->mm->marks = key;
	t->mm->marks_guards = s->guards_made;
	return rc;
}

int buffer_marked(struct replay *s, struct ptask *t)
{
	uint64_t pos[2];
	if (get_pos(t, pos))
		return -1;
	t->at_entry = true;
	if (pos[1] >= pos[0] && t->mm->ends_with_station)
		return 0;
	int64_t nr = t->caught - 1;
	t->caught = 0;
	if (note_guards(s, t) || leave_station(s, t))
		return -1;
	journey_station(s, t);
	if (nr < 0 || !stop_catches(s, nr))
		return 1;
	s->stop->code = nr;
	return stop_for(s, t, STOP_RETURN);
}

int buffer_caught(struct replay *s, struct ptask *t)
{
	struct hook_frame f;
	if (mem_read(t->pid, RUNTIME_STACK_TOP - sizeof(f), &f, sizeof(f)) != sizeof(f))
		return err_set("lost task %d", t->tid);
	t->caught = (int64_t)f.rax + 1;
	journey_station(s, t);
	s->here.nmoves = 0;
	position_add(&s->here, MOVE_CALL, 1, 0);
	bool over = journey_is(s, MOVE_CALL, 0) && journey_moved(s, t),
	     wanted = stop_catches(s, (int64_t)f.rax);
	s->stop->code = (int64_t)f.rax;
	if (wanted)
		stop_for(s, t, STOP_CALL);
	return over || wanted ? -1 : 0;
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

bool buffer_left(struct ptask *t)
{
	uint64_t pos[2];
	return t->mm->loaded && (get_pos(t, pos) || pos[1] < pos[0]);
}

int buffer_check(struct replay *s, struct ptask *t)
{
	uint64_t pos[2];
	struct record r = {0};
	if (!t->mm->loaded || s->partial)
		return 0;
	if (get_pos(t, pos))
		return -1;
	t->mm->loaded = 0;
	t->mm->used = calls_end(t->mm, pos[1]);
	map_used(t->mm, pos[1]);
	if (pos[0] == pos[1])
		return 0;
	mem_read(t->pid, RUNTIME_BUF + pos[1], &r, sizeof(r));
	return diverge(s, t, "the task did not make the recorded system call %s", sys_name(r.nr));
}

int buffer_use_up(struct replay *s, struct ptask *t)
{
	uint64_t pos[2];
	if (!t->mm->loaded || t->mm->loader != t->tid || get_pos(t, pos) || pos[1] >= pos[0])
		return 0;
	/* Make the last one end with a stop. */
	t->mm->ends_with_station = true;
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

#include "record/session.h"

#include <linux/futex.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/err.h"
#include "task/checksum.h"
#include "task/proc.h"

/* Bytes that events being built point to; freed at log_put. */
static void *keep(struct recorder *s, size_t n)
{
	void *p = xmalloc(n);
	*VEC_PUSH(&s->held_bytes) = p;
	return p;
}

void *log_alloc(struct recorder *s, size_t n)
{
	return keep(s, n);
}

/* What a task has done must be on record before others of its memory go on: the calls that it
 * has buffered, and the start of the one that it is in (switch_from). */
static void check_order(struct recorder *s, const struct rtask *t, uint8_t kind)
{
	const struct rtask *o = t->mm->owner;
	bool changes = kind != EV_MEM && kind != EV_CHECK && kind != EV_TASK_EXIT;
	if (!changes || !o || o == t || task_dying(o))
		return;
	if ((o->in_call && !o->entry_logged) || (t->mm->buf && t->mm->buf->st->used)) {
		err_set("task %d was overtaken by task %d: this is a bug of Reprise", o->tid, t->tid);
		rec_fail(s);
	}
}

struct event *log_begin(struct recorder *s, struct rtask *t, uint8_t kind, int64_t code)
{
	if (t) {
		check_order(s, t, kind);
		buffer_drain(s, t->mm);
	}
	event_reset(&s->ev);
	s->ev_mm = t ? t->mm : NULL;
	s->ev.kind = kind;
	s->ev.code = code;
	s->ev.tid = t ? t->tid : 0;
	s->ev.group = t ? t->mm->group : 0;
	if (t && kind != EV_MEM && kind != EV_CHECK)
		s->ev.ticks = safepoint_take(t);
	s->ev_bytes = 0;
	return &s->ev;
}

void log_regs(struct recorder *s, const regs_t *r)
{
	s->ev.flags |= EVF_REGS;
	s->ev.regs = *r;
}

struct log_aside log_aside(struct recorder *s)
{
	struct log_aside a = {.ev = s->ev, .bytes = s->ev_bytes, .mm = s->ev_mm};
	memcpy(&a.held, &s->held_bytes, sizeof(a.held));
	memset(&s->ev, 0, sizeof(s->ev));
	memset(&s->held_bytes, 0, sizeof(s->held_bytes));
	return a;
}

void log_resume(struct recorder *s, struct log_aside *a)
{
	event_free(&s->ev);
	VEC_FREE(&s->held_bytes);
	s->ev = a->ev;
	s->ev_mm = a->mm;
	s->ev_bytes = a->bytes;
	memcpy(&s->held_bytes, &a->held, sizeof(a->held));
}

void log_force_entry(struct recorder *s, struct rtask *t)
{
	if (t->entry_logged)
		return;
	struct log_aside a = log_aside(s);
	safepoint_give_back(t, a.ev.ticks);
	a.ev.ticks = 0;
	call_log_entry(s, t);
	log_resume(s, &a);
	if (s->ev.kind == EV_SYSCALL)
		s->ev.kind = EV_EXIT;
}

/* Too much for one event: what is gathered so far, mappings made included, goes out
 * as EV_MEM. The event itself comes after it. */
static void spill(struct recorder *s)
{
	struct event mem = {.kind = EV_MEM, .tid = s->ev.tid, .group = s->ev.group};
	mem.chunks = s->ev.chunks;
	mem.ops = s->ev.ops;
	writer_put(s->w, &mem);
	s->ev.chunks.n = s->ev.ops.n = 0;
	s->ev_bytes = 0;
	for (size_t i = 0; i < s->held_bytes.n; i++)
		free(s->held_bytes.at[i]);
	s->held_bytes.n = 0;
}

void log_memory(struct recorder *s, struct rtask *t, uint64_t addr, uint64_t len, uint64_t from)
{
	while (len) {
		size_t n = len < (1u << 20) ? (size_t)len : 1u << 20;
		if (s->ev_bytes + n > EVENT_DATA_MAX && s->ev.kind != EV_EXEC) {
			/* A call whose effects come in pieces needs its start on record. */
			if (t->in_call)
				log_force_entry(s, t);
			spill(s);
		}
		uint8_t *p = keep(s, n);
		size_t got = mem_read(t->tid, from, p, n);
		if (got)
			event_chunk(&s->ev, CH_OUT, addr, p, got);
		s->ev_bytes += got;
		if (got < n)
			return;
		addr += n;
		from += n;
		len -= n;
	}
}

/* Is the memory of `t` what a replay has at this event? Not while its last task runs, or was killed while it
 * ran, nor when the kernel is about to write to it (log_last_words). */
static bool stands_still(const struct rtask *t)
{
	const struct rtask *o = t->mm->owner;
	return !t->mm->torn && !t->mm->exiting &&
	       (!o || o == t || o->parked || (o->in_call && o->entry_logged));
}

void log_checksum(struct recorder *s, struct rtask *t)
{
	page_sums sums = {0};
	struct buf b = {0};
	t->check_due = false;
	if (!s->verify_every || !stands_still(t))
		return;
	fetch_show(t, false);
	int rc = checksum_space(t->tid, &t->mm->space, &sums);
	fetch_show(t, true);
	if (rc)
		return;
	for (size_t i = 0; i < sums.n; i++) {
		buf_u64(&b, (sums.at[i].addr - (i ? sums.at[i - 1].addr : 0)) / 4096);
		buf_put(&b, &sums.at[i].sum, 4);
	}
	struct event ev = {.kind = EV_CHECK,
			   .code = (int64_t)sums.n,
			   .tid = t->tid,
			   .group = t->mm->group,
			   .blob = b.data,
			   .blob_len = b.len};
	writer_put(s->w, &ev);
	s->last_check = writer_events(s->w);
	buf_free(&b);
	VEC_FREE(&sums);
}

/* After these events a task stands where nothing is under way in its memory. Not so after the others:
 * a call that has begun may write at any time, calls of a buffer are made later in a replay. */
static bool ends_at_station(const struct event *ev)
{
	return ev->kind == EV_SYSCALL || ev->kind == EV_EXIT || ev->kind == EV_SAFEPOINT ||
	       ev->kind == EV_INSN || ev->kind == EV_EXEC || (ev->kind == EV_SIGNAL && !ev->arg[1]);
}

/* What the event did to memory may follow in others (EV_MEM): the check comes when the task goes on. */
static void check_now_and_then(struct recorder *s)
{
	struct rtask *t = ends_at_station(&s->ev) ? task_find(s, s->ev.tid) : NULL;
	if (t && (!s->last_check || writer_events(s->w) - s->last_check >= s->verify_every))
		t->check_due = true;
}

void log_put(struct recorder *s)
{
	writer_put(s->w, &s->ev);
	if (s->ev_mm && s->ev.kind != EV_MEM)
		s->ev_mm->loose = false;
	if (s->verify_every)
		check_now_and_then(s);
	for (size_t i = 0; i < s->held_bytes.n; i++)
		free(s->held_bytes.at[i]);
	s->held_bytes.n = 0;
}

/* --- the start of a call --- */

void log_in(struct recorder *s, struct rtask *t)
{
	const uint8_t *p = t->in_data.data, *end = p + t->in_data.len;
	while (p < end) {
		uint64_t head[2];
		memcpy(head, p, 16);
		event_chunk(&s->ev, CH_IN, head[0], p + 16, head[1]);
		p += 16 + head[1];
	}
}

static bool is_pi_wait(const struct rtask *t)
{
	uint32_t op = (uint32_t)t->args[1] & FUTEX_CMD_MASK;
	return t->nr == SYS_futex &&
	       (op == FUTEX_LOCK_PI || op == 13 /* FUTEX_LOCK_PI2 */ || op == FUTEX_WAIT_REQUEUE_PI);
}

/* Words that a blocking call changes before it blocks (PI futexes). */
static void special_entry_effects(struct recorder *s, struct rtask *t)
{
	if (!is_pi_wait(t) || t->state != TS_KERNEL)
		return;
	/* The kernel sets FUTEX_WAITERS in the word before the task sleeps: others must
	 * not run before that has happened. */
	while (!t->has_status) {
		char st = proc_state(t->tid);
		if (st != 'R')
			break;
		sched_yield();
	}
	log_memory(s, t, t->args[0], 4, t->args[0]);
}

void call_log_entry(struct recorder *s, struct rtask *t)
{
	if (t->entry_logged)
		return;
	t->entry_logged = true;
	log_begin(s, t, EV_ENTRY, t->nr);
	log_in(s, t);
	special_entry_effects(s, t);
	log_regs(s, &t->regs);
	log_put(s);
}

/* How the calls that the runtime in a tracee handles get into the trace (docs/runtime.md). */
#include "record/session.h"

#include <string.h>
#include <sys/syscall.h>

#include "base/err.h"
#include "layout.h"
#include "record/bufstate.h"
#include "trace/records.h"

/* What the recorder must know of a call that it did not see. */
static void note(struct rmm *mm, const struct event *call)
{
	const regs_t *r = &call->regs;
	const uint64_t args[6] = {r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9};
	if (call->kind == EV_SYSCALL && call->code == SYS_set_tid_address)
		mm->owner->clear_tid = r->rdi;
	if (call->arg[2])
		memcpy(mm->owner->args, args, sizeof(args));
	mm->mapped_file = call->arg[2];
	if (!call->arg[1])
		return;
	space_buffered(&mm->space, call->code, args, r->rax, (uint64_t)call->arg[0]);
	if (call->code == SYS_brk)
		mm->brk = r->rax;
}

static int note_all(struct rmm *mm, const struct event *ev)
{
	struct event call = {0};
	int rc = 0;
	for (size_t at = mm->noted; at < ev->blob_len && rc >= 0; mm->noted_calls++) {
		const struct record *r = (const struct record *)(ev->blob + at);
		if (ev->blob_len - at < sizeof(*r) || r->size < sizeof(*r) || r->size > ev->blob_len - at ||
		    r->size & 7)
			rc = -1;
		mm->last_nr = r->nr;
		size_t next = at + r->size;
		/* There are millions: only those that matter are taken apart. */
		if (rc >= 0 && (r->flags & (REC_REDO | REC_FILE) || r->nr == SYS_set_tid_address)) {
			rc = record_next(ev, &at, &call);
			note(mm, &call);
		}
		at = next;
	}
	mm->noted = ev->blob_len;
	event_free(&call);
	return rc < 0 ? -1 : 0;
}

/* What is in the buffer, as an event to be written; its effects are noted. False: nothing is. */
static bool buffered(struct recorder *s, struct rmm *mm, struct event *ev)
{
	if (!mm->buf || !mm->buf->st->used)
		return false;
	*ev = (struct event){.kind = EV_BUFFER,
			     .group = mm->group,
			     .blob = AT(mm->buf, RUNTIME_BUF),
			     .blob_len = mm->buf->st->used};
	if (ev->blob_len <= RUNTIME_BUF_SIZE && mm->owner && !note_all(mm, ev))
		return true;
	err_set("a program has overwritten the runtime's memory at 0x%x", RUNTIME_BUF);
	rec_fail(s);
	return false;
}

void buffer_note(struct recorder *s, struct rmm *mm)
{
	struct event ev;
	buffered(s, mm, &ev);
}

void buffer_note_mask(struct rtask *t)
{
	struct state *st = t->mm->buf ? t->mm->buf->st : NULL;
	if (!st || !st->mask_known || t->mm->owner != t)
		return;
	t->mask = st->mask;
	st->mask_known = 0;
}

void buffer_drain_at(struct recorder *s, struct rmm *mm, bool station)
{
	struct event ev;
	if (!buffered(s, mm, &ev))
		return;
	/* Replay takes the next ones up when it has come to an event after these. */
	if (mm->loose) {
		err_set("calls of task %d without an event that follows: this is a bug of Reprise",
			mm->owner->tid);
		rec_fail(s);
		return;
	}
	mm->loose = !station;
	ev.code = mm->noted_calls;
	ev.tid = mm->owner->tid;
	ev.arg[0] = station;
	ev.ticks = station ? safepoint_take(mm->owner) : 0;
	writer_put(s->w, &ev);
	mm->buf->st->used = mm->noted = 0;
	mm->noted_calls = 0;
	s->stats.buffered += (uint64_t)ev.code;
	s->stats.flushes++;
	buffer_note_mask(mm->owner);
}

void buffer_drain(struct recorder *s, struct rmm *mm)
{
	buffer_drain_at(s, mm, false);
}

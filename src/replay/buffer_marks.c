/* Marks in the records of buffered calls, at which the runtime stops for the client or for the journey. */
#include "replay/session.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "layout.h"
#include "shared.h"

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

int buffer_leave(struct replay *s, struct ptask *t)
{
	struct state st;
	if (note_guards(s, t))
		return -1;
	if (mem_read(t->pid, RUNTIME_STATE, &st, sizeof(st)) != sizeof(st))
		return err_set("lost task %d", t->tid);
	regs_t r = t->regs;
	r.rip = st.ret;
	r.rax = st.result;
	r.rcx = placed_to_app(&t->mm->images, r.rip);
	return ptask_set_regs(t, &r);
}

/* The flags that a record must have for the client's catchpoints and for the journey. Records in the trace
 * have no REC_CATCH, and only the last one of a buffer ends with a station. */
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
	bool begun = next && t->caught; /* it was stopped at its start: its end is noted in any case */
	if (last || (call && (wanted || begun || stop_catches(s, r->nr) || redone_at(s, t, end))))
		flags |= REC_STATION;
	return flags;
}

int buffer_mark(struct replay *s, struct ptask *t)
{
	uint64_t pos[2];
	bool call = journey_is(s, MOVE_CALL, 0) || t->caught;
	uint64_t to = s->way.active && s->way.to.event == s->last_stop ? s->way.to.calls : 0;
	uint64_t key = 1 + ((uint64_t)s->calls_gen << 32 | to << 1 | call);
	bool any = t->mm->marks || s->catching || to || call || (s->guards.n && t->mm->redone.n);
	if (!t->mm->loaded || (t->mm->marks == key && t->mm->marks_guards == s->guards_made) || !any)
		return 0;
	if (buffer_pos(t, pos) || pos[0] > RUNTIME_BUF_SIZE || pos[1] > pos[0])
		return err_set("the buffer of task %d is damaged", t->tid);
	size_t n = pos[0] - pos[1];
	uint8_t *all = xmalloc(n + 1);
	bool changed = false;
	struct record r;
	int rc = mem_read(t->pid, RUNTIME_BUF + pos[1], all, n) == n ? 0 : err_set("lost task %d", t->tid);
	for (size_t at = 0; !rc && at + sizeof(r) <= n; at += r.size) {
		memcpy(&r, all + at, sizeof(r));
		if (r.size < sizeof(r)) { /* the program has written there */
			rc = err_set("the buffer of task %d is damaged", t->tid);
			break;
		}
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
	if (buffer_pos(t, pos))
		return -1;
	t->at_entry = true;
	if (pos[1] >= pos[0] && t->mm->ends_with_station)
		return 0;
	int64_t nr = t->caught - 1;
	t->caught = 0;
	if (buffer_leave(s, t))
		return -1;
	station_look(s, t);
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
	station_look(s, t);
	s->here.nmoves = 0;
	position_add(&s->here, MOVE_CALL, 1, 0);
	bool over = journey_is(s, MOVE_CALL, 0) && journey_moved(s, t),
	     wanted = stop_catches(s, (int64_t)f.rax);
	s->stop->code = (int64_t)f.rax;
	if (wanted)
		stop_for(s, t, STOP_CALL);
	return over || wanted ? -1 : 0;
}

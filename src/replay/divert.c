/* Diversions: they begin with copies of all tasks, which take the place of the recorded ones. What the client
 * writes goes to the copies; the recorded tasks are not touched, and come back when it is over. */
#include "replay/divert.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

void divert_note(struct replay *s, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (s->opt.note)
		s->opt.note(s->opt.ctx, text);
}

/* --- beginning and ending --- */

/* The runtime answers no call from records any more: all calls are traced. */
static int drop_records(struct ptask *t)
{
	uint64_t pos[2];
	if (!t->mm->loaded)
		return 0;
	t->mm->loaded = t->mm->used = 0;
	if (buffer_pos(t, pos))
		return -1;
	pos[0] = pos[1];
	return buffer_set_pos(t, pos);
}

/* Put `t` where the program sees it: out of the call or the hook that it is in. */
static int stand_free(struct replay *s, struct ptask *t)
{
	struct stood *w = VEC_PUSH(&s->dv->stood);
	w->tid = t->tid;
	if (replay_regs(s, t->tid, &w->regs) || drop_records(t))
		return -1;
	regs_t r = w->regs, now;
	if (pt_getregs(t->pid, &now))
		return err_set("lost task %d", t->tid);
	/* Within a stub it stays there: the address of the program's instruction tells less. */
	bool whole = t->at_entry || t->caught || placed_to_app(&t->mm->images, now.rip) != r.rip;
	r.rip = whole ? placed_to_stub(&t->mm->images, &t->mm->space, r.rip) : now.rip;
	if (!whole)
		r.rcx = now.rcx;
	t->caught = 0;
	t->visited = t->ntouched = 0;
	t->going = false;
	return ptask_set_regs(t, &r) || ticks_begin(t) || ticks_trap(t, 0) ? -1 : 0;
}

int replay_divert(struct replay *s)
{
	size_t i = 0;
	struct ptask *t;
	struct state_copy copy = {0};
	if (s->dv)
		return 0;
	if (s->sieve)
		return err_set("the replay is in the middle of a search");
	if (state_fork(s, &copy))
		return -1;
	s->dv = xcalloc(1, sizeof(*s->dv));
	s->dv->recorded = (struct state_copy){s->tasks, s->objects};
	s->tasks = copy.tasks;
	s->objects = copy.objects;
	divert_clock_begin(s);
	while ((t = hmap_next(&s->tasks, &i))) {
		if (!t->dead && stand_free(s, t)) {
			replay_rejoin(s);
			return -1;
		}
	}
	return 0;
}

void replay_rejoin(struct replay *s)
{
	struct diversion *dv = s->dv;
	struct state_copy copy = {s->tasks, s->objects};
	if (!dv)
		return;
	s->dv = NULL;
	s->tasks = dv->recorded.tasks;
	s->objects = dv->recorded.objects;
	state_free(&copy);
	VEC_FREE(&dv->stood);
	free(dv);
}

bool replay_diverted(const struct replay *s)
{
	return s->dv;
}

/* --- where tasks are --- */

static const regs_t *stood_at(const struct replay *s, int32_t tid)
{
	for (size_t i = 0; s->dv && i < s->dv->stood.n; i++) {
		if (s->dv->stood.at[i].tid == tid)
			return &s->dv->stood.at[i].regs;
	}
	return NULL;
}

static bool is_elsewhere(struct replay *s, int32_t tid)
{
	regs_t now;
	const regs_t *was = stood_at(s, tid);
	return was && !replay_regs(s, tid, &now) && (now.rip != was->rip || now.rsp != was->rsp);
}

int32_t replay_elsewhere(struct replay *s, int32_t first)
{
	if (is_elsewhere(s, first))
		return first;
	for (size_t i = 0; s->dv && i < s->dv->stood.n; i++) {
		if (is_elsewhere(s, s->dv->stood.at[i].tid))
			return s->dv->stood.at[i].tid;
	}
	return 0;
}

/* --- writing --- */

static struct ptask *copied(struct replay *s, int32_t tid)
{
	struct ptask *t = s->dv ? replay_task(s, tid) : NULL;
	if (!t || t->dead)
		err_set("there is no task %d to be changed here", tid);
	return t && !t->dead ? t : NULL;
}

int replay_set_regs(struct replay *s, int32_t tid, const regs_t *want)
{
	struct ptask *t = copied(s, tid);
	regs_t now, r = *want;
	if (!t || replay_regs(s, tid, &now))
		return -1;
	if (pt_getregs(t->pid, &t->regs))
		return err_set("lost task %d", tid);
	r.rip = r.rip == now.rip ? t->regs.rip : placed_to_stub(&t->mm->images, &t->mm->space, r.rip);
	if (r.rcx == now.rcx)
		r.rcx = t->regs.rcx;
	r.eflags &= ~0x10100ull; /* RF and TF are ours */
	return ptask_set_regs(t, &r);
}

int replay_set_xstate(struct replay *s, int32_t tid, const void *in, size_t len)
{
	struct ptask *t = copied(s, tid);
	int rc = t ? pt_set_xstate(t->pid, in, len) : 0;
	return !t ? -1 : rc ? err_sys(-rc, "cannot set the extended registers of task %d", tid) : 0;
}

size_t replay_write(struct replay *s, int32_t tid, uint64_t addr, const void *in, size_t len)
{
	struct ptask *t = copied(s, tid);
	size_t done = 0;
	while (t && done < len) {
		uint64_t at = addr + done, end = replay_mapped_until(s, tid, at);
		size_t n = end - at < len - done ? end - at : len - done;
		if (end <= at)
			break;
		points_lift_range(t, at, n);
		if (mem_write(t->pid, at, (const uint8_t *)in + done, n))
			break;
		done += n;
	}
	return done;
}

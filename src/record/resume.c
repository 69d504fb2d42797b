/* Letting a task go on, and another of its group come to run. */
#include "record/resume.h"

#include <sys/ptrace.h>

#include "base/err.h"
#include "record/groups.h"
#include "task/tsc.h"

/* Nobody ever switches away from a task inside the runtime (DESIGN 2.1). */
static void check_outside(struct recorder *s, struct rtask *t)
{
	regs_t r;
	if (t->state == TS_EXITING || t->has_status || t->state == TS_STOPPED)
		return;
	if (t->state == TS_KERNEL)
		r = t->regs;
	else if (t->state != TS_READY || pt_getregs(t->tid, &r))
		return;
	if (!buffer_inside(&r))
		return;
	err_set("task %d was switched away from inside the runtime, at 0x%llx: this is a bug of Reprise",
		t->tid, (unsigned long long)r.rip);
	rec_fail(s);
}

/* Another task of its group comes to run: what `t` does from here on happens later, so the
 * start of the call it is in must be on record. */
static void switch_from(struct recorder *s, struct rtask *t)
{
	if (t->in_call && !t->entry_logged)
		call_log_entry(s, t);
	check_outside(s, t);
}

void sched_switch_to(struct recorder *s, struct rtask *t)
{
	struct rgroup *g = group_of(s, t);
	size_t n = 0;
	if (g->last == t && !t->parked && !g->others.n)
		return;
	if (g->last && g->last != t)
		*VEC_PUSH(&g->others) = g->last;
	for (size_t i = 0; i < g->others.n; i++) {
		struct rtask *o = g->others.at[i];
		if (o != t && task_ahead(o))
			g->others.at[n++] = o;
		else if (o != t)
			switch_from(s, o);
	}
	g->others.n = n;
	s->stats.switches += g->last != t;
	g->last = t;
	stall_over(t);
	g->slice_start = coarse_ns();
}

/* Its group may just have become part of another. */
static void lead(struct recorder *s, struct rtask *t)
{
	if (group_of(s, t)->last != t)
		sched_switch_to(s, t);
}

void sched_resume(struct recorder *s, struct rtask *t, int request, int sig, enum task_state state)
{
	if (t->check_due)
		log_checksum(s, t);
	/* Its own calls would end a stop for a signal, or in the middle of a call. */
	if (state == TS_USER && t->mm->hold_due && !sig && !pt_event(t->status))
		fetch_settle(s, t);
	if (state == TS_USER) {
		buffer_enter(s, t);
		if (s->chaos && (t->mm->refs > 1 || t->mm->shares))
			safepoint_limit(t, chaos_slice(s));
	}
	if (state == TS_USER)
		leftover_station(s, t);
	if (state == TS_USER || state == TS_KERNEL)
		lead(s, t);
	t->state = pt_resume(request, t->tid, sig) ? TS_EXITING : state;
	t->waited_for = t->chaos_new = false;
	if (t->state == TS_USER || t->state == TS_KERNEL)
		t->user_since = coarse_ns();
}

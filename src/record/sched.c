/* In each group one task at a time runs user code; groups share nothing, so they run
 * side by side. Any number of tasks may be inside system calls that block; they are
 * picked up when they come out. */
#include "record/groups.h"
#include "record/resume.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "task/proc.h"
#include "task/tsc.h"

#define SPIN_WARN_NS 5000000000ull /* user code without a call, others waiting */

static bool runnable(struct recorder *s, const struct rtask *t)
{
	/* The dead go first: others of their address space wait for them. */
	return task_dying(t) || (!t->mm->exiting && !sched_busy(s, t));
}

/* A call that may block usually does not. We share the CPU with the task: let it
 * have it, and see. If it does block, others may go on; its results are kept out of
 * their sight, so nothing depends on how this turns out. */
static void wait_a_little(struct recorder *s, struct rtask *t)
{
	pid_t tid = t->tid;
	t->waited_for = true;
	for (int i = 0; i < 3 && (t = task_find(s, tid)) && t->state == TS_KERNEL; i++) {
		if (sched_wait(s, WNOHANG) <= 0)
			sched_yield();
	}
}

/* It has stopped, and what it did is to go on record before others of its group go on. */
static bool goes_first(struct recorder *s, const struct rtask *t)
{
	return t && t->queued && t->has_status && runnable(s, t) && task_ahead(t);
}

/* One of a group that has become part of t's. Who waits for others comes last. */
static struct rtask *joined_first(struct recorder *s, const struct rgroup *g)
{
	struct rtask *found = NULL;
	for (size_t i = 0; i < g->others.n; i++) {
		struct rtask *o = g->others.at[i];
		if (goes_first(s, o) && (!found || found->defers))
			found = o;
	}
	return found;
}

/* Who goes on in place of `t`, which is next in the queue: the task of its group that
 * ran last, if it is ahead of what is on record, or while its slice lasts. */
static struct rtask *instead_of(struct recorder *s, struct rtask *t)
{
	struct rgroup *g = group_of(s, t);
	struct rtask *last = g->last, *joined;
	if (task_dying(t) || (last == t && !g->others.n))
		return t;
	if (last && last->state == TS_KERNEL && !last->has_status && !last->waited_for)
		wait_a_little(s, last);
	last = g->last;
	joined = joined_first(s, g);
	if (goes_first(s, last) && !(last->defers && joined))
		return last;
	if (joined)
		return joined;
	bool slice = !s->chaos && coarse_ns() - g->slice_start < s->slice_ns;
	return slice && last && last->queued && last->has_status && runnable(s, last) ? last : t;
}

/* The first in the queue, from `t` on, that can go on. */
static struct rtask *first_runnable(struct recorder *s, struct rtask *t)
{
	/* Where one of many threads runs, none of the others needs to be asked. */
	const struct rmm *busy = NULL;
	for (; t; t = t->next_ready) {
		if (t->mm == busy && !task_dying(t))
			continue;
		if (runnable(s, t))
			return t;
		busy = t->mm;
	}
	return NULL;
}

static struct rtask *pick(struct recorder *s)
{
	struct rtask *t = s->ready_first;
	if (s->chaos && !(t && t->settled))
		t = chaos_pick(s, runnable);
	t = first_runnable(s, t);
	if (!t)
		return NULL;
	t = instead_of(s, t);
	sched_unqueue(s, t);
	uint64_t waited = coarse_ns() - t->ready_since;
	if (waited > s->stats.waited_ns)
		s->stats.waited_ns = waited;
	return t;
}

static void warn_spin(struct recorder *s)
{
	size_t i = 0;
	struct rtask *t;
	char what[64];
	while (!s->warned_spin && (t = hmap_next(&s->tasks, &i))) {
		if (!task_runs(t) || coarse_ns() - t->user_since < SPIN_WARN_NS)
			continue;
		bool others = group_waiting(s, t);
		if (!others && !t->held.n)
			continue;
		const char *waits = late_what(t, what, sizeof(what));
		if (t->state == TS_KERNEL && !waits)
			continue;
		s->warned_spin = true;
		if (waits)
			say("thread %d has had its turn for 5 seconds, and %s, where it cannot be "
			    "interrupted; "
			    "%s until it returns",
			    t->tid, waits, others ? "others cannot go on" : "a signal is held");
		else
			say("thread %d has run for 5 seconds without a system call or a safepoint while %s; "
			    "it cannot be interrupted there, since %s",
			    t->tid, others ? "others wait" : "a signal waits for it", stall_why_not(t));
	}
}

/* Slices end at the next station, if somebody waits for that. Signals that are held are
 * waiting for one too. */
static void end_slices(struct recorder *s)
{
	size_t i = 0;
	struct rgroup *g;
	while ((g = hmap_next(&s->groups, &i))) {
		struct rtask *t = g->last;
		if (t && t->undescribed)
			undescribed_look(s, t, group_waiting(s, t));
		if (t && t->state == TS_KERNEL && group_waiting(s, t))
			late_look(t);
		for (size_t j = 0; j < g->others.n; j++)
			late_look(g->others.at[j]);
		if (!t || t->state != TS_USER || t->has_status)
			continue;
		uint64_t end = g->slice_start + s->slice_ns;
		unsigned waiting = coarse_ns() >= end ? group_waiting(s, t) : 0;
		if (!waiting && !t->held.n && !t->stop_later && !traced_due(t)) {
			stall_over(t);
			continue;
		}
		buffer_want_stop(t);
		safepoint_arm(t);
		stall_look(s, t, waiting, waiting ? end : 0);
	}
}

/* A tick of the recorder's timer interrupts every wait. */
static void tick(struct recorder *s)
{
	end_slices(s);
	interrupt_tick(s);
	leftover_tick(s);
	uint64_t now = coarse_ns();
	if (now - s->last_tick < 100000000)
		return;
	s->last_tick = now;
	writer_flush(s->w);
	if (writer_check(s->w))
		rec_fail(s);
	warn_spin(s);
	groups_sweep(s);
	ending_tick(s);
}

/* A task that is killed while it makes calls for us shows its exit stop to whoever waits
 * for those calls (task/remote.c), who only learns that it is lost. It is still there, in
 * that stop, and others may wait for its end (exec by another thread does). */
static bool find_lost(struct recorder *s)
{
	size_t i = 0;
	struct rtask *t;
	siginfo_t si;
	bool found = false;
	while ((t = hmap_next(&s->tasks, &i))) {
		if (t->state != TS_EXITING || t->has_status || t->exit_logged || pt_siginfo(t->tid, &si) ||
		    si.si_code >> 8 != PTRACE_EVENT_EXIT)
			continue;
		t->status = (si.si_code << 8) | 0x7f; /* as waitpid would have told */
		t->has_status = true;
		sched_ready(s, t);
		found = true;
	}
	return found;
}

void sched_run(struct recorder *s)
{
	while (s->ntasks && !s->failed) {
		if (rec_tick_due())
			tick(s);
		struct rtask *t = pick(s);
		if (t) {
			if (!task_dying(t))
				sched_switch_to(s, t);
			t->defers = false;
			stop_handle(s, t);
			continue;
		}
		if (find_lost(s))
			continue;
		life_poll_zombies(s);
		int rc = sched_wait(s, s->zombies ? WNOHANG : 0);
		if (rc < 0)
			return;
		if (rc == 0 && s->zombies)
			usleep(50);
	}
}

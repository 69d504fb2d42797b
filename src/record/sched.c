/* In each group one task at a time runs user code; groups share nothing, so they run
 * side by side. Any number of tasks may be inside system calls that block; they are
 * picked up when they come out. */
#include "record/session.h"

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

void sched_ready(struct recorder *s, struct rtask *t)
{
	if (t->queued)
		return;
	t->queued = true;
	t->ready_since = coarse_ns();
	t->next_ready = NULL;
	t->prev_ready = s->ready_last;
	*s->ready_last = t;
	s->ready_last = &t->next_ready;
}

static void lead(struct recorder *s, struct rtask *t);

void sched_resume(struct recorder *s, struct rtask *t, int request, int sig, enum task_state state)
{
	if (t->check_due)
		log_checksum(s, t);
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

static void take_status(struct recorder *s, pid_t tid, int status)
{
	if (WIFSTOPPED(status) && pt_event(status) == PTRACE_EVENT_EXEC)
		life_exec_event(s, tid);
	struct rtask *t = task_find(s, tid);
	s->stats.stops++;
	if (!t) {
		/* A child can stop before its parent reports it. +1: 0 means none. */
		hmap_set(&s->stashed, (uint32_t)tid, (void *)((uint64_t)(uint32_t)status + 1));
		return;
	}
	t->status = status;
	t->has_status = true;
	if (t->state != TS_EXITING || !WIFSTOPPED(status))
		t->state = t->state == TS_EXITING ? TS_EXITING : TS_READY;
	sched_ready(s, t);
}

int sched_wait(struct recorder *s, int flags)
{
	int status;
	pid_t tid = waitpid(-1, &status, __WALL | flags);
	if (tid > 0) {
		take_status(s, tid, status);
		return 1;
	}
	return tid < 0 && errno == ECHILD ? -1 : 0;
}

int sched_wait_for(struct recorder *s, struct rtask *t)
{
	int status;
	for (;;) {
		pid_t r = waitpid(t->tid, &status, __WALL);
		if (r == t->tid)
			break;
		if (r < 0 && errno != EINTR)
			return -ESRCH;
	}
	s->stats.stops++;
	t->status = status;
	return 0;
}

/* What the scheduler knows of a group. */
struct rgroup {
	struct rtask *last; /* the task of it that ran last */
	/* The same of groups that have become part of it, until that is on record. */
	VEC(struct rtask *) others;
	uint64_t slice_start;
};

static struct rgroup *group_get(struct recorder *s, uint32_t id)
{
	struct rgroup *g = hmap_get(&s->groups, id);
	if (!g) {
		g = xcalloc(1, sizeof(*g));
		hmap_set(&s->groups, id, g);
	}
	return g;
}

static struct rgroup *group_of(struct recorder *s, const struct rtask *t)
{
	return group_get(s, t->mm->group);
}

void sched_forget(struct recorder *s, struct rtask *t)
{
	struct rgroup *g = hmap_get(&s->groups, t->mm->group);
	size_t n = 0;
	if (!g)
		return;
	if (g->last == t)
		g->last = NULL;
	for (size_t j = 0; j < g->others.n; j++) {
		if (g->others.at[j] != t)
			g->others.at[n++] = g->others.at[j];
	}
	g->others.n = n;
}

/* Forget the groups that have no task any more. Nobody holds one meanwhile. */
static void sweep_groups(struct recorder *s)
{
	size_t i = 0;
	struct rtask *t;
	struct hmap all = s->groups;
	struct rgroup *g;
	if (all.n <= 2 * s->groups_swept + 64)
		return;
	s->groups = (struct hmap){0};
	while ((t = hmap_next(&s->tasks, &i))) {
		g = hmap_del(&all, t->mm->group);
		if (g)
			hmap_set(&s->groups, t->mm->group, g);
	}
	for (i = 0; (g = hmap_next(&all, &i));) {
		VEC_FREE(&g->others);
		free(g);
	}
	hmap_free(&all);
	s->groups_swept = s->groups.n;
}

void sched_join(struct recorder *s, uint32_t from, uint32_t to)
{
	struct rgroup *a = group_get(s, from), *b = group_get(s, to);
	if (!b->last) {
		b->last = a->last;
		b->slice_start = a->slice_start;
	} else if (a->last && a->last != b->last) {
		*VEC_PUSH(&b->others) = a->last;
	}
	a->last = NULL;
	for (size_t i = 0; i < a->others.n; i++)
		*VEC_PUSH(&b->others) = a->others.at[i];
	a->others.n = 0;
}

static bool runs(const struct rtask *t)
{
	return t->state == TS_USER || (t->state == TS_KERNEL && !t->may_block);
}

/* Has it run user code, or has the kernel written its memory, since its last event? Nobody
 * may overtake that before it is on record: tasks switch at stations only. */
static bool ahead(const struct rtask *t)
{
	if (t->mm->exiting)
		return false; /* its death is on record, or comes first */
	return t->has_status ? !t->in_call || !t->may_block : runs(t);
}

bool sched_behind(struct recorder *s, const struct rtask *t)
{
	struct rgroup *g = group_of(s, t);
	if (g->last && g->last != t && ahead(g->last))
		return true;
	for (size_t i = 0; i < g->others.n; i++) {
		if (g->others.at[i] != t && ahead(g->others.at[i]))
			return true;
	}
	return false;
}

static bool is_running(const struct rtask *o)
{
	return runs(o) && !o->has_status;
}

bool sched_busy(struct recorder *s, const struct rtask *t)
{
	size_t i = 0;
	struct rtask *o;
	if (t->mm->refs == 1 && !t->mm->shares)
		return false;
	for (o = t->mm->tasks; o; o = o->next_in_mm) {
		if (o != t && is_running(o))
			return true;
	}
	/* Without memory that others may map, its address space is a group by itself. */
	while (t->mm->shares && (o = hmap_next(&s->tasks, &i))) {
		if (o != t && o->mm->group == t->mm->group && is_running(o))
			return true;
	}
	return false;
}

static bool runnable(struct recorder *s, const struct rtask *t)
{
	/* The dead go first: others of their address space wait for them. */
	return task_dying(t) || (!t->mm->exiting && !sched_busy(s, t));
}

/* How many others of its group could run. */
static unsigned waiting_in_group(struct recorder *s, const struct rtask *t)
{
	unsigned n = 0;
	if (t->mm->refs == 1 && !t->mm->shares)
		return 0;
	for (struct rtask *o = s->ready_first; o; o = o->next_ready)
		n += o != t && o->mm->group == t->mm->group && !task_dying(o);
	return n;
}

/* With chaos the counter of safepoints says when, and one call in four. */
static bool slice_over(struct recorder *s, const struct rgroup *g, const struct rtask *t)
{
	/* Who yields waits for what another does; with chaos, not always. */
	if (t->nr == SYS_sched_yield && !t->set_aside && !(s->chaos && chaos_one_in(s, 4)))
		return true;
	if (coarse_ns() - g->slice_start >= s->slice_ns)
		return true;
	return s->chaos && (t->at_safepoint || chaos_one_in(s, 4));
}

bool sched_turn_over(struct recorder *s, struct rtask *t)
{
	struct rgroup *g = group_of(s, t);
	if (sched_busy(s, t) || sched_behind(s, t) || (s->chaos && chaos_hold(s, t)))
		return true;
	return g->last == t && slice_over(s, g, t) && waiting_in_group(s, t);
}

bool sched_park(struct recorder *s, struct rtask *t)
{
	if (!sched_turn_over(s, t))
		return false;
	if (!sched_busy(s, t) && !sched_behind(s, t) && safepoint_beyond(s, t))
		return true;
	sched_set_aside(s, t);
	return true;
}

void sched_set_aside(struct recorder *s, struct rtask *t)
{
	chaos_parked(s, t);
	t->state = TS_READY;
	t->parked = t->set_aside = true;
	sched_ready(s, t);
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

void sched_unqueue(struct recorder *s, struct rtask *t)
{
	*t->prev_ready = t->next_ready;
	if (t->next_ready)
		t->next_ready->prev_ready = t->prev_ready;
	else
		s->ready_last = t->prev_ready;
	t->queued = t->settled = false;
}

void sched_settle(struct recorder *s, struct rtask *t)
{
	pid_t tid = t->tid;
	while (t->state == TS_KERNEL && !t->has_status) {
		if (sched_wait(s, WNOHANG) > 0)
			continue;
		char st = proc_state(tid);
		if (st == 'S' || st == 'D' || !st)
			return;
		sched_yield();
	}
	if (!t->queued)
		return;
	sched_unqueue(s, t);
	t->next_ready = s->ready_first;
	t->prev_ready = &s->ready_first;
	s->ready_first = t;
	if (t->next_ready)
		t->next_ready->prev_ready = &t->next_ready;
	else
		s->ready_last = &t->next_ready;
	t->queued = t->settled = true;
}

/* It has stopped, and what it did is to go on record before others of its group go on. */
static bool goes_first(struct recorder *s, const struct rtask *t)
{
	return t && t->queued && t->has_status && runnable(s, t) && ahead(t);
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

static void switch_to(struct recorder *s, struct rtask *t)
{
	struct rgroup *g = group_of(s, t);
	size_t n = 0;
	if (g->last == t && !t->parked && !g->others.n)
		return;
	if (g->last && g->last != t)
		*VEC_PUSH(&g->others) = g->last;
	for (size_t i = 0; i < g->others.n; i++) {
		struct rtask *o = g->others.at[i];
		if (o != t && ahead(o))
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
		switch_to(s, t);
}

static void warn_spin(struct recorder *s)
{
	size_t i = 0;
	struct rtask *t;
	char what[64];
	while (!s->warned_spin && (t = hmap_next(&s->tasks, &i))) {
		if (!runs(t) || coarse_ns() - t->user_since < SPIN_WARN_NS)
			continue;
		bool others = waiting_in_group(s, t);
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
			undescribed_look(s, t, waiting_in_group(s, t));
		if (t && t->state == TS_KERNEL && waiting_in_group(s, t))
			late_look(t);
		for (size_t j = 0; j < g->others.n; j++)
			late_look(g->others.at[j]);
		if (!t || t->state != TS_USER || t->has_status)
			continue;
		uint64_t end = g->slice_start + s->slice_ns;
		unsigned waiting = coarse_ns() >= end ? waiting_in_group(s, t) : 0;
		if (!waiting && !t->held.n && !t->stop_later) {
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
	sweep_groups(s);
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
				switch_to(s, t);
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

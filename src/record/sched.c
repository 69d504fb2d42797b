/* One task at a time runs user code. Any number may be inside system calls that
 * block; they are picked up when they come out. */
#include "record/session.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

#include "base/err.h"

#define SLICE_NS 10000000ull	   /* how long a task keeps the CPU while others wait */
#define SPIN_WARN_NS 5000000000ull /* user code without a call, others waiting */

uint64_t now_ns(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
}

void sched_ready(struct recorder *s, struct rtask *t)
{
	if (t->queued)
		return;
	t->queued = true;
	t->next_ready = NULL;
	*s->ready_last = t;
	s->ready_last = &t->next_ready;
}

void sched_resume(struct recorder *s, struct rtask *t, int request, int sig, enum task_state state)
{
	(void)s;
	/* Tasks with filters of their own must show every call before the filters. */
	if (t->own_filter && request == PTRACE_CONT)
		request = PTRACE_SYSCALL;
	t->state = pt_resume(request, t->tid, sig) ? TS_EXITING : state;
	if (t->state == TS_USER)
		t->user_since = now_ns();
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

static bool runnable(const struct rtask *t)
{
	/* The dead go first: others of their address space wait for them. */
	return !t->mm->exiting || t->state == TS_EXITING ||
	       (WIFSTOPPED(t->status) && pt_event(t->status) == PTRACE_EVENT_EXIT) ||
	       !WIFSTOPPED(t->status);
}

static struct rtask *first_runnable(struct recorder *s)
{
	struct rtask *t = s->ready_first;
	while (t && !runnable(t))
		t = t->next_ready;
	return t;
}

bool sched_park(struct recorder *s, struct rtask *t)
{
	/* Only the task whose turn it is has a slice; and the dead wait for nobody. */
	if (s->last != t || !first_runnable(s) || now_ns() - s->slice_start < SLICE_NS)
		return false;
	t->state = TS_READY;
	t->parked = true;
	sched_ready(s, t);
	return true;
}

/* The next task to go on. If the one that ran last has run user code since its last
 * event, nobody may overtake it before that is on record: tasks switch at stations
 * only. Otherwise it goes on while its slice lasts, else who has waited longest. */
static struct rtask *pick(struct recorder *s)
{
	struct rtask *t = s->last;
	bool last = t && t->queued && t->has_status && runnable(t);
	if (last && (!t->in_call || now_ns() - s->slice_start < SLICE_NS))
		;
	else
		t = first_runnable(s);
	if (!t)
		return NULL;
	struct rtask **p = &s->ready_first;
	while (*p != t)
		p = &(*p)->next_ready;
	*p = t->next_ready;
	if (!*p)
		s->ready_last = p;
	t->queued = false;
	return t;
}

/* Another task comes to run: what the last one does from here on happens later, so
 * the start of the call it is in must be on record. */
static void switch_to(struct recorder *s, struct rtask *t)
{
	if (s->last == t) {
		if (t->parked)
			s->slice_start = now_ns();
		return;
	}
	if (s->last && s->last->in_call && !s->last->entry_logged)
		call_log_entry(s, s->last);
	s->last = t;
	s->slice_start = now_ns();
	s->stats.switches++;
}

static void warn_spin(struct recorder *s, struct rtask *t)
{
	if (s->warned_spin || !s->ready_first || now_ns() - t->user_since < SPIN_WARN_NS)
		return;
	s->warned_spin = true;
	say("thread %d has run for 5 seconds without a system call while others wait; threads switch "
	    "at system calls only, so a thread that waits in a loop for another one never ends",
	    t->tid);
}

/* A tick of the recorder's timer interrupts every wait. */
static void tick(struct recorder *s)
{
	writer_flush(s->w);
	if (writer_check(s->w))
		rec_fail(s);
}

/* Wait while `t` alone may run: until it reports. */
static void wait_while_user(struct recorder *s, struct rtask *t)
{
	pid_t tid = t->tid;
	while (!s->failed && (t = task_find(s, tid)) && !t->has_status &&
	       (t->state == TS_USER || (t->state == TS_KERNEL && !t->may_block))) {
		int rc = sched_wait(s, 0);
		if (rc == 0) {
			tick(s);
			if (t->state == TS_USER)
				warn_spin(s, t);
		}
		if (rc < 0)
			return;
	}
}

/* A call that may block usually does not. We share the CPU with the task: let it
 * have it, and see. If it does block, others may go on; its results are kept out of
 * their sight, so nothing depends on how this turns out. */
static void wait_a_little(struct recorder *s, struct rtask *t)
{
	pid_t tid = t->tid;
	for (int i = 0; i < 3 && (t = task_find(s, tid)) && t->state == TS_KERNEL; i++) {
		if (sched_wait(s, WNOHANG) <= 0)
			sched_yield();
	}
}

void sched_run(struct recorder *s)
{
	while (s->ntasks && !s->failed) {
		struct rtask *t = pick(s);
		if (!t) {
			life_poll_zombies(s);
			int rc = s->ready_first ? 0 : sched_wait(s, 0);
			if (rc < 0)
				return;
			if (rc == 0)
				tick(s);
			continue;
		}
		if (t->state != TS_EXITING)
			switch_to(s, t);
		pid_t tid = t->tid;
		stop_handle(s, t);
		t = task_find(s, tid);
		if (!t || s->failed)
			continue;
		wait_while_user(s, t);
		if ((t = task_find(s, tid)) && t->state == TS_KERNEL && s->ready_first)
			wait_a_little(s, t);
	}
}

/* Waiting for stops, whoever makes them. */
#include "record/session.h"

#include <errno.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "task/proc.h"

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
	pid_t tid = waitpid(-1, &status, __WALL | __WNOTHREAD | flags);
	if (tid > 0) {
		take_status(s, tid, status);
		return 1;
	}
	return tid < 0 && errno == ECHILD ? -1 : 0;
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

/* What a stop of a task means. */
#include "record/session.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "base/err.h"

/* A PTRACE_EVENT_STOP: a job-control stop, or the end of one. */
static void event_stop(struct recorder *s, struct rtask *t, int sig)
{
	regs_t r;
	bool stalled = t->stalled,
	     stop = sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
	t->stalled = false;
	if (pt_getregs(t->tid, &r)) {
		t->state = TS_EXITING;
		return;
	}
	/* Not where others could see how far it came, or write its memory: it goes on to the next station
	 * first. */
	bool later = stop && !t->in_call && (buffer_inside(&r) || !t->stop_here);
	if (later) {
		t->stop_later = true;
		safepoint_arm(t);
	}
	if (stop && !later) {
		t->stop_here = false;
		t->state = pt_resume(PTRACE_LISTEN, t->tid, 0) ? TS_EXITING : TS_STOPPED;
	} else if (!t->in_call && buffer_waits(&r)) {
		buffer_unwind(s, t);
	} else if (stalled && sig == SIGTRAP && !t->in_call) {
		stall_stop(s, t);
	} else {
		sched_resume(s, t, t->in_call ? PTRACE_SYSCALL : PTRACE_CONT, 0,
			     t->in_call ? TS_KERNEL : TS_USER);
	}
}

/* The exit of a call, or of one that did not run. */
static void call_stop(struct recorder *s, struct rtask *t)
{
	if (t->in_call)
		call_exit(s, t);
	else
		sched_resume(s, t, PTRACE_CONT, 0, TS_USER);
}

static void event(struct recorder *s, struct rtask *t, int ev, int sig)
{
	switch (ev) {
	case PTRACE_EVENT_SECCOMP:
		call_entry(s, t);
		break;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		life_fork(s, t, ev);
		break;
	case PTRACE_EVENT_EXEC: /* the tasks were put right when it was reported */
		sched_resume(s, t, PTRACE_SYSCALL, 0, TS_KERNEL);
		break;
	case PTRACE_EVENT_EXIT:
		life_exit_event(s, t);
		break;
	case PTRACE_EVENT_STOP:
		event_stop(s, t, sig);
		break;
	default:
		sched_resume(s, t, PTRACE_CONT, 0, TS_USER);
	}
}

void stop_handle(struct recorder *s, struct rtask *t)
{
	int status = t->status;
	if (t->parked && !t->has_status) {
		t->parked = false;
		call_resume_user(s, t, t->result);
		return;
	}
	if (!t->has_status)
		return;
	t->has_status = false;
	if (!WIFSTOPPED(status)) {
		life_gone(s, t, status);
		return;
	}
	signal_open(t);
	ownfilter_stopped(t);
	int sig = WSTOPSIG(status), ev = pt_event(status);
	if (interrupt_stop(s, t, ev, sig))
		return;
	if (ev)
		event(s, t, ev, sig);
	else if (sig == (SIGTRAP | 0x80))
		call_stop(s, t);
	else
		signal_stop(s, t, sig);
}

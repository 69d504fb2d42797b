/* What a stop of a task means. */
#include "record/session.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "base/err.h"

void stop_put_off(struct recorder *s, struct rtask *t)
{
	t->stop_later = false;
	t->stop_here = true;
	ptrace(PTRACE_INTERRUPT, t->tid, 0, 0);
	sched_resume(s, t, PTRACE_CONT, 0, TS_USER);
}

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

/* Instructions that must not be stepped: they leave the program's code, or show that they are
 * stepped (pushf, popf), or stop by themselves. */
static bool steppable(const uint8_t *p)
{
	if (p[0] == 0xff && (p[1] == 0x24 || p[1] == 0x14) && p[2] == 0x25)
		return false; /* to the runtime */
	if (p[0] == 0x48 && p[1] == 0x89 && p[2] == 0x24 && p[3] == 0x25)
		return false; /* its stack comes first */
	if (p[0] == 0x66 || p[0] == 0x48)
		p++;
	return p[0] != 0xcc && p[0] != 0xcd && p[0] != 0xce && p[0] != 0xcf && p[0] != 0x9c && p[0] != 0x9d &&
	       !(p[0] == 0x0f && (p[1] == 0x05 || p[1] == 0x31 || p[1] == 0xa2 || p[1] == 0x34 ||
				  p[1] == 0x0b || p[1] == 0x01 || p[1] == 0xc7));
}

int stop_leave_skipped(struct recorder *s, struct rtask *t)
{
	if (!pt_at_call_start(t->tid))
		return 0;
	if (pt_resume(PTRACE_SYSCALL, t->tid, 0) || sched_wait_for(s, t)) {
		t->state = TS_EXITING;
		return -1;
	}
	if (WIFSTOPPED(t->status) && WSTOPSIG(t->status) == (SIGTRAP | 0x80))
		return 0;
	t->has_status = true;
	t->state = TS_READY;
	return -1;
}

int stop_single_step(struct recorder *s, struct rtask *t, regs_t *r)
{
	uint8_t code[8];
	if (mem_read(t->tid, r->rip, code, sizeof(code)) != sizeof(code) || !steppable(code))
		return 0;
	return stop_step_any(s, t, r);
}

int stop_step_any(struct recorder *s, struct rtask *t, regs_t *r)
{
	siginfo_t si;
	if (t->check_due) /* replay compares where the last event left the task */
		log_checksum(s, t);
	if (stop_leave_skipped(s, t))
		return -1;
	if (pt_resume(PTRACE_SINGLESTEP, t->tid, 0) || sched_wait_for(s, t)) {
		t->state = TS_EXITING;
		return -1;
	}
	bool trap = WIFSTOPPED(t->status) && !pt_event(t->status) && WSTOPSIG(t->status) == SIGTRAP &&
		    !pt_siginfo(t->tid, &si) && si.si_code == TRAP_TRACE;
	if (!trap || pt_getregs(t->tid, r)) {
		t->trap_due = signal_step_pending(t);
		t->has_status = true;
		t->state = TS_READY;
		return -1;
	}
	signal_undo_force(t, SIGTRAP);
	return 1;
}

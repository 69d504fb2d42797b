/* Running one task alone up to its next stop, by an instruction mostly. */
#include "record/session.h"

#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

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

int stop_single_step(struct recorder *s, struct rtask *t, regs_t *r)
{
	uint8_t code[8];
	if (mem_read(t->tid, r->rip, code, sizeof(code)) != sizeof(code) || !steppable(code))
		return 0;
	return stop_step_any(s, t, r);
}

int stall_step(struct recorder *s, struct rtask *t, regs_t *r)
{
	int rc;
	do {
		rc = stop_single_step(s, t, r);
	} while (rc < 0 && signal_keep(t));
	return rc;
}

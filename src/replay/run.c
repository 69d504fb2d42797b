#include "replay/session.h"

#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "base/err.h"
#include "layout.h"
#include "rewrite/trap.h"
#include "task/vsyscall.h"

static int resume_and_wait(struct replayer *s, struct ptask *t, int request, int *status)
{
	int rc = pt_resume(request, t->pid, 0);
	if (rc)
		return err_sys(-rc, "cannot resume task %d", t->tid);
	while (waitpid(t->pid, status, __WALL) != t->pid) {
		if (errno != EINTR)
			return err_sys(errno, "lost task %d", t->tid);
	}
	s->stops++;
	if (!WIFSTOPPED(*status))
		return diverge(s, t, "the task died (%s %d)", WIFSIGNALED(*status) ? "signal" : "status",
			       WIFSIGNALED(*status) ? WTERMSIG(*status) : WEXITSTATUS(*status));
	return 0;
}

/* Signals from outside mean nothing to a replay; those that the task's own code
 * raised do. */
static bool raised(struct ptask *t, int sig, siginfo_t *si)
{
	if (sig != SIGSEGV && sig != SIGBUS && sig != SIGFPE && sig != SIGILL && sig != SIGTRAP)
		return false;
	return !pt_siginfo(t->pid, si) && si->si_code > 0;
}

/* At bytes that a jump of an instrumented image covers, as in the recording. */
static bool went_to_stub(struct ptask *t, int sig)
{
	uint64_t at = t->regs.rip - (sig == SIGTRAP);
	uint64_t stub =
		sig == SIGTRAP || sig == SIGILL ? placed_to_stub(&t->mm->images, &t->mm->space, at) : at;
	if (stub == at)
		return false;
	t->regs.rip = stub;
	return !pt_setregs(t->pid, &t->regs);
}

/* Its start is seen where it returns, as in the recording. */
static int leave_vsyscall(struct replayer *s, struct ptask *t)
{
	int status, rc = vsyscall_leave(t->pid, &t->regs, &status);
	s->stops++;
	if (rc > 0)
		return diverge(s, t, "the task did not return from a vsyscall (status 0x%x)", status);
	return rc ? err_sys(-rc, "lost task %d", t->tid) : 0;
}

/* Run on until a system call (0) or a raised signal (its number). */
static int run(struct replayer *s, struct ptask *t, siginfo_t *si)
{
	for (;;) {
		int status;
		if (resume_and_wait(s, t, PTRACE_CONT, &status))
			return -1;
		int sig = WSTOPSIG(status);
		bool call = pt_event(status) == PTRACE_EVENT_SECCOMP;
		if (pt_event(status) && !call)
			continue; /* a job-control stop from outside */
		if (pt_getregs(t->pid, &t->regs))
			return err_set("lost task %d", t->tid);
		if (call && in_vsyscall(&t->regs) && leave_vsyscall(s, t))
			return -1;
		if (call) {
			t->at_entry = true;
			if (t->regs.orig_rax == RUNTIME_DIVERGE_NR)
				return buffer_diverged(s, t);
			return t->regs.orig_rax == RUNTIME_STATION_NR ? 0 : buffer_check(s, t);
		}
		if (!raised(t, sig, si) || went_to_stub(t, sig))
			continue;
		return buffer_check(s, t) ? -1 : sig;
	}
}

int run_to_entry(struct replayer *s, struct ptask *t)
{
	siginfo_t si;
	if (t->at_entry)
		return 0;
	int sig = run(s, t, &si);
	if (sig > 0)
		return diverge(s, t, "the task raised signal %d (%s) at 0x%llx, address %p", sig,
			       strsignal(sig), (unsigned long long)t->regs.rip, si.si_addr);
	return sig;
}

int run_to_fault(struct replayer *s, struct ptask *t, siginfo_t *si)
{
	if (t->at_entry)
		return diverge(s, t, "the task is in a system call");
	int sig = run(s, t, si);
	if (!sig)
		return diverge(s, t, "the task made system call %lld instead", (long long)t->regs.orig_rax);
	return sig;
}

#define FAR (1ull << 54) /* more than anybody passes */

int run_limit(struct ptask *t, uint64_t ticks)
{
	ticks = ticks ? ticks : FAR;
	uint64_t v = ticks * RUNTIME_TICK;
	return mem_write(t->pid, RUNTIME_TICKS, &v, 8) ? err_set("lost task %d", t->tid) : 0;
}

int run_to_safepoint(struct replayer *s, struct ptask *t, uint64_t ticks)
{
	siginfo_t si;
	uint8_t before[SAFE_BEFORE] = {0};
	uint64_t left = ticks - t->passed;
	t->passed = 0;
	if (!left) /* a position asked for is this very one */
		return buffer_check(s, t);
	if (run_limit(t, left))
		return -1;
	int sig = run_to_fault(s, t, &si);
	if (sig < 0)
		return -1;
	if (sig != SIGTRAP || !placed_area(&t->mm->images, t->regs.rip - 1))
		return diverge(s, t, "the task raised signal %d (%s) before it had passed %llu safepoints",
			       sig, strsignal(sig), (unsigned long long)ticks);
	/* As the recorder leaves it: it makes no difference that it trapped. */
	mem_read(t->pid, t->regs.rip - 1 - SAFE_BEFORE, before, SAFE_BEFORE);
	t->regs.eflags = safe_flags(before, t->regs.eflags);
	if (pt_setregs(t->pid, &t->regs))
		return err_set("lost task %d", t->tid);
	return run_limit(t, 0);
}

int run_steps(struct replayer *s, struct ptask *t, int64_t n)
{
	while (n > 0) {
		int status;
		siginfo_t si;
		if (resume_and_wait(s, t, PTRACE_SINGLESTEP, &status))
			return -1;
		if (pt_event(status) == PTRACE_EVENT_STOP)
			continue; /* from outside */
		if (pt_event(status) || WSTOPSIG(status) != SIGTRAP)
			return diverge(s, t, "it does not compute on after a safepoint (signal %d)",
				       WSTOPSIG(status));
		/* TRAP_BRKPT: the end of the call that was skipped, before any instruction
		 * (user_single_step_report, arch/x86/kernel/ptrace.c). */
		n -= pt_siginfo(t->pid, &si) || si.si_code != TRAP_BRKPT;
	}
	return pt_getregs(t->pid, &t->regs) ? err_set("lost task %d", t->tid) : 0;
}

int run_set_regs(struct replayer *s, struct ptask *t, const regs_t *r)
{
	(void)s;
	t->regs = *r;
	t->regs.orig_rax = (uint64_t)-1;
	int rc = pt_setregs(t->pid, &t->regs);
	t->at_entry = false;
	return rc ? err_sys(-rc, "cannot set the registers of task %d", t->tid) : 0;
}

/* What is known of the signals of a task: pending, held for the next station, blocked, and the actions that
 * traps of ours make the kernel forget. */
#include "record/sigstate.h"

#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "layout.h"
#include "task/proc.h"
#include "task/remote.h"

bool signal_step_pending(const struct rtask *t)
{
	siginfo_t si[8];
	struct __ptrace_peeksiginfo_args a = {.nr = 8};
	long n = ptrace(PTRACE_PEEKSIGINFO, t->tid, &a, si);
	for (long i = 0; i < n; i++) {
		if (si[i].si_signo == SIGTRAP && si[i].si_code == TRAP_TRACE)
			return true;
	}
	return false;
}

bool signal_pending(struct rtask *t)
{
	siginfo_t si[8];
	uint64_t mask = 0;
	/* Both queues: the thread's and the process's. */
	for (unsigned flags = 0; flags <= PTRACE_PEEKSIGINFO_SHARED; flags++) {
		struct __ptrace_peeksiginfo_args a = {.off = 0, .flags = flags, .nr = 8};
		long n = ptrace(PTRACE_PEEKSIGINFO, t->tid, &a, si);
		if (n > 0 && !mask && pt_sigmask(t->tid, &mask))
			return false;
		for (long i = 0; i < n; i++) {
			if (si[i].si_signo > 0 && !(mask & BIT(si[i].si_signo)))
				return true;
		}
		if (n == 8) /* more than fit: one stop too many does no harm */
			return true;
	}
	return false;
}

bool signal_held(const struct rtask *t)
{
	uint64_t mask = 0;
	if (t->held.n && pt_sigmask(t->tid, &mask))
		return false;
	for (size_t i = 0; i < t->held.n; i++) {
		if (!(mask & BIT(t->held.at[i].si_signo)))
			return true;
	}
	return false;
}

static struct kept_action *action_of(struct rtask *t, int sig)
{
	return sig == SIGTRAP ? &t->proc->actions[0] : sig == SIGSEGV ? &t->proc->actions[1] : NULL;
}

void interrupt_note_actions(struct rtask *t)
{
	/* Processes that share actions share memory. */
	if (t->mm->buf)
		t->mm->buf->st->actions++;
}

void signal_note_call(struct rtask *t, int64_t result)
{
	struct kept_action *a;
	switch (t->nr) {
	case SYS_rt_sigprocmask:
	case SYS_rt_sigreturn:
		pt_sigmask(t->tid, &t->mask);
		break;
	case SYS_rt_sigaction:
		a = action_of(t, (int)t->args[0]);
		if (a && t->args[1] && !result)
			mem_read(t->tid, t->args[1], a, sizeof(*a));
		interrupt_note_actions(t);
		break;
	}
}

void signal_undo_force(struct rtask *t, int sig)
{
	struct kept_action *a = action_of(t, sig);
	buffer_note_mask(t);
	bool blocked = t->mask & BIT(sig), ignored = a && a->handler == (uint64_t)SIG_IGN;
	if (!a || (!blocked && !ignored))
		return;
	if (a->handler && !mem_write(t->tid, RUNTIME_SPARE, a, sizeof(*a)))
		remote_one(t->tid, REMOTE_RECORD, SYS_rt_sigaction, (uint64_t)sig, RUNTIME_SPARE, 0, 8, 0, 0);
	if (blocked)
		pt_set_sigmask(t->tid, t->mask);
}

bool signal_is_fault(int sig, const siginfo_t *si)
{
	/* Positive codes come from the kernel itself; timers and such do not use these
	 * signals' ranges (include/uapi/asm-generic/siginfo.h). */
	return si->si_code > 0 &&
	       (sig == SIGSEGV || sig == SIGBUS || sig == SIGFPE || sig == SIGILL || sig == SIGTRAP) &&
	       !(sig == SIGBUS && si->si_code == BUS_MCEERR_AO);
}

static bool same_timer(const siginfo_t *a, const siginfo_t *b)
{
	return a->si_code == SI_TIMER && b->si_code == SI_TIMER && a->si_timerid == b->si_timerid;
}

/* Keep a signal for the next station. As in the kernel's queue, a standard signal waits
 * once however often it comes; realtime signals all do, but for those of a timer, which counts
 * how often it was due meanwhile. */
void signal_hold(struct rtask *t, const siginfo_t *si)
{
	for (size_t i = 0; i < t->held.n; i++) {
		if (t->held.at[i].si_signo != si->si_signo)
			continue;
		if (same_timer(&t->held.at[i], si))
			t->held.at[i].si_overrun += 1 + si->si_overrun;
		if (si->si_signo < 32 || same_timer(&t->held.at[i], si))
			return;
	}
	*VEC_PUSH(&t->held) = *si;
}

void signal_open(struct rtask *t)
{
	if (t->shut_out)
		pt_set_sigmask(t->tid, t->open_mask);
	t->shut_out = false;
}

bool signal_keep(struct rtask *t)
{
	siginfo_t si;
	struct proc_status p;
	int sig = WIFSTOPPED(t->status) && !pt_event(t->status) ? WSTOPSIG(t->status) : 0;
	if (!t->has_status || sig <= 0 || sig > SIGRTMAX || pt_siginfo(t->tid, &si) ||
	    signal_is_fault(sig, &si) || (sig == SIGSYS && si.si_code == 1 /* SYS_SECCOMP */) ||
	    proc_status(t->tid, &p) || !(p.caught & BIT(sig) || t->traced))
		return false;
	signal_hold(t, &si);
	t->has_status = false;
	return true;
}

struct action stop_put_off(struct rtask *t)
{
	t->stop_later = false;
	t->stop_here = true;
	ptrace(PTRACE_INTERRUPT, t->tid, 0, 0);
	return act_user();
}

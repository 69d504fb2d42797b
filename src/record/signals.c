/* Signals reach the program at stations only (DESIGN 2.1): at the fault that raised
 * them, at the end of a call, or just before the next one. */
#include "record/deliver.h"
#include "record/sigstate.h"

#include <errno.h>
#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "layout.h"
#include "task/proc.h"
#include "task/remote.h"

/* Let a signal that nobody handles have its effect. */
static struct action resume_fatal(struct rtask *t, int sig)
{
	const uint64_t dumps = BIT(SIGQUIT) | BIT(SIGILL) | BIT(SIGTRAP) | BIT(SIGABRT) | BIT(SIGFPE) |
			       BIT(SIGSEGV) | BIT(SIGBUS) | BIT(SIGSYS) | BIT(SIGXCPU) | BIT(SIGXFSZ);
	struct action a = act_run(PTRACE_CONT, sig, TS_USER);
	a.dumps = dumps & BIT(sig);
	/* The core file tells where it was. In another pid namespace it may be pid 1, which goes on. */
	if (a.dumps && !t->mm->hidden)
		signal_show_app(t);
	return a;
}

static bool is_fatal(int sig)
{
	const uint64_t others = BIT(SIGSTOP) | BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU) | BIT(SIGCONT) |
				BIT(SIGCHLD) | BIT(SIGURG) | BIT(SIGWINCH);
	return !(others & BIT(sig));
}

/* A signal that ends the process: a debugger shows in which thread, and where. */
static void log_fatal(struct recorder *s, struct rtask *t, int sig, enum sig_where where)
{
	regs_t r;
	siginfo_t si;
	if (pt_getregs(t->tid, &r) || pt_siginfo(t->tid, &si))
		return;
	signal_begin_event(s, t, sig, where);
	signal_log_info(s, &si);
	s->ev.arg[1] = 1;
	if (where == SIG_AT_FAULT)
		log_regs(s, &r);
	log_put(s);
}

static struct action fatal_fault(struct recorder *s, struct rtask *t, int sig)
{
	log_fatal(s, t, sig, SIG_AT_FAULT);
	return resume_fatal(t, sig);
}

static struct action fault(struct recorder *s, struct rtask *t, int sig, const struct proc_status *p)
{
	siginfo_t si;
	if (t->traced && !pt_siginfo(t->tid, &si))
		return traced_signal(s, t, &si, SIG_AT_FAULT);
	return p->caught & BIT(sig) ? signal_deliver(s, t, sig, SIG_AT_FAULT) : fatal_fault(s, t, sig);
}

/* Timers whose signals come faster than they are held would leave no time for the code up to the
 * next station: the task blocks them on its way there. It makes no calls on it that its own mask
 * could show in, since buffered ones are off while a signal is held. */
static void shut_out(struct rtask *t)
{
	uint64_t bits = 0, mask;
	for (size_t i = 0; i < t->held.n; i++)
		bits |= signal_from_timer(&t->held.at[i]) ? BIT(t->held.at[i].si_signo) : 0;
	bits &= ~(BIT(SIGSEGV) | BIT(SIGBUS) | BIT(SIGFPE) | BIT(SIGILL) | BIT(SIGTRAP) | BIT(SIGSYS));
	if (pt_sigmask(t->tid, &mask) || !(bits & ~mask) || pt_set_sigmask(t->tid, mask | bits))
		return;
	t->shut_out = true;
	t->open_mask = mask;
}

/* A filter's SIGSYS names the address behind the program's `syscall`. */
static void show_app_call(struct rtask *t, siginfo_t *si)
{
	regs_t r;
	if (pt_getregs(t->tid, &r))
		return;
	si->si_call_addr = (void *)placed_to_app(&t->mm->images, r.rip);
	pt_set_siginfo(t->tid, si);
}

/* A signal with a handler that came where it cannot be delivered: it waits for the next station. */
static struct action hold_here(struct rtask *t, const siginfo_t *si)
{
	bool again = t->held.n;
	regs_t r;
	signal_hold(t, si);
	if (again && signal_from_timer(si))
		shut_out(t);
	struct action a = !pt_getregs(t->tid, &r) && buffer_waits(&r) ? buffer_unwind(t) : act_user();
	a.stretch = true;
	return a;
}

/* A signal that nobody handles kills, stops or does nothing: no instruction of the program can tell where
 * that was. */
static struct action not_caught(struct recorder *s, struct rtask *t, int sig, bool ignored, bool at_station)
{
	if (ignored)
		return act_run(PTRACE_CONT, sig, TS_USER);
	if (at_station && is_fatal(sig))
		log_fatal(s, t, sig, SIG_AT_STATION);
	return resume_fatal(t, sig);
}

/* Is it SIGSYS of a filter of the program's? */
static bool is_filters(int sig, const siginfo_t *si)
{
	return sig == SIGSYS && si->si_code == 1 /* SYS_SECCOMP */;
}

/* The signal is not the recorder's own. `stepping`: the program has run no code since its last station. */
static struct action for_program(struct recorder *s, struct rtask *t, int sig, siginfo_t *si, bool stepping)
{
	struct proc_status p;
	regs_t r;
	if (proc_status(t->tid, &p))
		return act(ACT_GONE);
	if (signal_is_fault(sig, si) && !pt_getregs(t->tid, &r) && buffer_inside(&r)) {
		signal_undo_force(t, sig);
		return buffer_unwind(t);
	}
	if (signal_is_fault(sig, si))
		return fault(s, t, sig, &p);
	if (!(p.caught & BIT(sig)) && !t->traced)
		return not_caught(s, t, sig, p.ignored & BIT(sig), stepping);
	if ((stepping && !signal_may_come_later(t, si)) || is_filters(sig, si))
		return t->traced ? traced_signal(s, t, si, SIG_AT_STATION)
				 : signal_deliver(s, t, sig, SIG_AT_STATION);
	return hold_here(t, si);
}

struct action signal_stop(struct recorder *s, struct rtask *t, int sig)
{
	siginfo_t si;
	bool stepping = t->stepping || t->interrupted, trap_due = t->trap_due;
	t->stepping = t->trap_due = false;
	if (pt_siginfo(t->tid, &si))
		return act(ACT_GONE);
	if (sig == SIGTRAP && si.si_code == TRAP_TRACE && (stepping || trap_due)) {
		t->interrupted = false;
		signal_undo_force(t, SIGTRAP);
		return act_user();
	}
	if (tracewait_siginfo(t, &si))
		pt_set_siginfo(t->tid, &si);
	struct action a = fetch_stop(s, t, sig, &si);
	if (!a.what)
		a = insn_emulate(s, t, sig, &si);
	if (a.what)
		return a;
	if (is_filters(sig, &si) && si.si_arch != AUDIT_ARCH_X86_64) {
		err_set("task %d makes a 32-bit system call; 32-bit and x32 programs cannot be recorded yet",
			t->tid);
		rec_fail(s);
		return act(ACT_DONE);
	}
	if (is_filters(sig, &si))
		show_app_call(t, &si);
	return for_program(s, t, sig, &si, stepping);
}

/* Bring `t`, at a station, to the stop of `si`, which is sent again. Others that come first are held.
 * NOT_MINE: it is there. */
static struct action stop_for(struct recorder *s, struct rtask *t, const siginfo_t *si)
{
	if (syscall(SYS_tgkill, t->proc->tgid, t->tid, si->si_signo))
		return act(ACT_GONE);
	for (;;) {
		siginfo_t other;
		if (pt_resume(PTRACE_CONT, t->tid, 0) || sched_wait_for(s, t))
			return act(ACT_GONE);
		bool stopped = WIFSTOPPED(t->status);
		bool signal = stopped && !pt_event(t->status) && WSTOPSIG(t->status) <= SIGRTMAX;
		if (signal && WSTOPSIG(t->status) == si->si_signo)
			return act_unless(pt_set_siginfo(t->tid, si), act(ACT_NOT_MINE));
		if (signal && !pt_siginfo(t->tid, &other)) {
			signal_hold(t, &other);
		} else if (!stopped || pt_event(t->status) != PTRACE_EVENT_STOP) {
			t->has_status = true;
			t->state = TS_READY;
			return act(ACT_AGAIN);
		}
	}
}

struct action signal_raise(struct recorder *s, struct rtask *t, const siginfo_t *si)
{
	const uint64_t stops = BIT(SIGSTOP) | BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU);
	uint64_t mask = 0;
	struct proc_status p;
	int sig = si->si_signo;
	pt_sigmask(t->tid, &mask);
	if (mask & BIT(sig)) {
		signal_hold(t, si);
		return act(ACT_NOT_MINE);
	}
	struct action a = stop_for(s, t, si);
	if (a.what)
		return a;
	t->in_call = false;
	if (proc_status(t->tid, &p))
		return act(ACT_GONE);
	if (p.caught & BIT(sig))
		return signal_deliver(s, t, sig, SIG_AT_STATION);
	bool ignored = p.ignored & BIT(sig);
	t->stop_here = stops & BIT(sig) && !ignored;
	return not_caught(s, t, sig, ignored, true);
}

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
	if (!(p.caught & BIT(sig)))
		return not_caught(s, t, sig, p.ignored & BIT(sig), stepping);
	if ((stepping && !signal_may_come_later(t, si)) || is_filters(sig, si))
		return signal_deliver(s, t, sig, SIG_AT_STATION);
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

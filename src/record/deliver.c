/* Delivering signals, where the program may be interrupted (signals.c), and their events. */
#include "record/deliver.h"

#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "layout.h"
#include "record/sigstate.h"
#include "task/proc.h"
#include "task/remote.h"

#define FRAME_MAX (XSTATE_MAX + 2048) /* of a handler: registers, extended state, the red zone */

/* End of the frame that the kernel has just built at `sp`: its highest part is the
 * extended state, whose size stands in its software-reserved bytes (struct
 * _fpx_sw_bytes, arch/x86/include/uapi/asm/sigcontext.h). */
static uint64_t frame_end(struct rtask *t, uint64_t sp)
{
	uint64_t fpstate = 0, end = sp + 8 + 304 + 128; /* return address, ucontext, siginfo */
	uint32_t sw[2] = {0};
	/* ucontext at sp+8: flags 8, link 8, stack 24, then sigcontext, whose fpstate
	 * pointer is its 24th word. */
	mem_read(t->tid, sp + 8 + 40 + 23 * 8, &fpstate, 8);
	if (!fpstate || fpstate < sp)
		return end;
	mem_read(t->tid, fpstate + 464, sw, 8);
	uint64_t size = sw[0] == 0x46505853 /* FP_XSTATE_MAGIC1 */ && sw[1] < XSTATE_MAX ? sw[1] : 512;
	return fpstate + size > end ? fpstate + size : end;
}

/* SIGSEGV instead of a signal whose frame could not be written comes where that one came, and
 * after it, should it be a fault (signal_setup_done, kernel/signal.c). */
void signal_begin_event(struct recorder *s, struct rtask *t, int sig, enum sig_where where)
{
	struct event *ev = log_begin(s, t, EV_SIGNAL, sig);
	ev->arg[0] = t->no_frame ? t->no_frame_at : where;
	if (t->no_frame && t->no_frame_at == SIG_AT_FAULT)
		ev->arg[2] = t->no_frame;
	t->no_frame = 0;
}

/* Debuggers show it; the handler finds it in its frame. */
void signal_log_info(struct recorder *s, const siginfo_t *si)
{
	s->ev.blob = (const uint8_t *)si;
	s->ev.blob_len = sizeof(*si);
}

static void log_handler(struct recorder *s, struct rtask *t, int sig, const siginfo_t *si,
			enum sig_where where)
{
	regs_t r;
	if (pt_getregs(t->tid, &r))
		return;
	uint8_t *xstate = log_alloc(s, XSTATE_MAX);
	ssize_t n = pt_xstate(t->tid, xstate, XSTATE_MAX);
	pt_sigmask(t->tid, &t->mask);
	signal_begin_event(s, t, sig, where);
	signal_log_info(s, si);
	log_memory(s, t, r.rsp, frame_end(t, r.rsp) - r.rsp, r.rsp);
	log_regs(s, &r);
	if (n > 0) {
		s->ev.flags |= EVF_XSTATE;
		s->ev.xstate = xstate;
		s->ev.xstate_len = (size_t)n;
	}
	log_put(s);
	s->stats.signals++;
}

void signal_show_app(struct rtask *t)
{
	regs_t r;
	if (!t->mm->images.n || pt_getregs(t->tid, &r))
		return;
	uint64_t ip = placed_to_app(&t->mm->images, r.rip), cx = placed_to_app(&t->mm->images, r.rcx);
	if (ip == r.rip && cx == r.rcx)
		return;
	r.rip = ip;
	r.rcx = cx;
	pt_setregs(t->tid, &r);
}

/* Make [end - FRAME_MAX, end) writable, but nothing below `least`. */
static bool make_writable(struct recorder *s, struct rtask *t, uint64_t least, uint64_t end)
{
	uint64_t from = end - least > FRAME_MAX ? end - FRAME_MAX : least;
	return fetch_written(s, t, from, end - from);
}

/* Where the stack can be executed, or the alternate one, the frame must find it writable (fetch.c). True: `t`
 * has made calls, after which it is not at its signal any more. */
static bool make_room(struct recorder *s, struct rtask *t, regs_t *r)
{
	stack_t ss;
	if (!fetch_any_open(t->mm) || pt_getregs(t->tid, r))
		return false;
	if (!remote_one(t->tid, REMOTE_RECORD, SYS_sigaltstack, 0, RUNTIME_SPARE, 0, 0, 0, 0) &&
	    mem_read(t->tid, RUNTIME_SPARE, &ss, sizeof(ss)) == sizeof(ss) && !(ss.ss_flags & SS_DISABLE))
		make_writable(s, t, (uint64_t)ss.ss_sp, (uint64_t)ss.ss_sp + ss.ss_size);
	make_writable(s, t, 0, r->rsp);
	return true;
}

/* Bring `t` to the stop of its signal again: it has made calls there. Its registers are *r, which say whether
 * the kernel is to start an interrupted call again. 0, or -1: it has stopped otherwise, which is in its
 * status. */
static int raise_again(struct recorder *s, struct rtask *t, const siginfo_t *si, const regs_t *r)
{
	uint64_t mask;
	int sig = si->si_signo;
	if (pt_sigmask(t->tid, &mask) || pt_set_sigmask(t->tid, ~BIT(sig)) ||
	    syscall(SYS_tgkill, t->proc->tgid, t->tid, sig) || pt_resume(PTRACE_CONT, t->tid, 0) ||
	    sched_wait_for(s, t)) {
		t->state = TS_EXITING;
		return -1;
	}
	pt_set_sigmask(t->tid, mask);
	if (WIFSTOPPED(t->status) && !pt_event(t->status) && WSTOPSIG(t->status) == sig)
		return pt_setregs(t->tid, r) || pt_set_siginfo(t->tid, si) ? -1 : 0;
	t->has_status = true;
	t->state = TS_READY;
	return -1;
}

/* Let the kernel start the handler, and stop at its first instruction: with a single
 * step asked for, it reports the set-up itself (signal_setup_done, kernel/signal.c). */
struct action signal_deliver(struct recorder *s, struct rtask *t, int sig, enum sig_where where)
{
	regs_t r;
	siginfo_t si = {.si_signo = sig};
	pt_siginfo(t->tid, &si);
	signal_show_app(t);
	if (make_room(s, t, &r) && raise_again(s, t, &si, &r))
		return act(ACT_AGAIN);
	if (pt_resume(PTRACE_SINGLESTEP, t->tid, sig) || sched_wait_for(s, t))
		return act(ACT_GONE);
	if (WIFSTOPPED(t->status) && !pt_event(t->status) && WSTOPSIG(t->status) == SIGTRAP) {
		t->interrupted = false;
		log_handler(s, t, sig, &si, where);
		interrupt_note_actions(t);  /* SA_RESETHAND */
		return act_station(-EINTR); /* another one may be due */
	}
	/* The frame could not be written, or the task was killed: its next stop says. */
	if (!t->no_frame && WIFSTOPPED(t->status) && !pt_event(t->status) && WSTOPSIG(t->status) == SIGSEGV) {
		t->no_frame = sig;
		t->no_frame_at = where;
	}
	t->has_status = true;
	t->state = TS_READY;
	return act(ACT_AGAIN);
}

bool signal_from_timer(const siginfo_t *si)
{
	return si->si_code == SI_TIMER ||
	       (si->si_code == SI_KERNEL &&
		(si->si_signo == SIGALRM || si->si_signo == SIGVTALRM || si->si_signo == SIGPROF));
}

/* A timer's signal that is due when a handler returns may as well come a little later: where
 * timers are faster than their signals are recorded, the code between must go on too. */
bool signal_may_come_later(const struct rtask *t, const siginfo_t *si)
{
	return signal_from_timer(si) && !t->interrupted && t->nr == SYS_rt_sigreturn;
}

/* Take the first held signal that the program does not block now. */
static bool take_held(struct rtask *t, siginfo_t *si, enum sig_where where)
{
	uint64_t mask = 0;
	pt_sigmask(t->tid, &mask);
	for (size_t i = 0; i < t->held.n; i++) {
		if (mask & BIT(t->held.at[i].si_signo) ||
		    (where == SIG_AT_STATION && signal_may_come_later(t, &t->held.at[i])))
			continue;
		*si = t->held.at[i];
		stall_over(t);
		memmove(&t->held.at[i], &t->held.at[i + 1], (--t->held.n - i) * sizeof(*si));
		return true;
	}
	return false;
}

/* Send the held signal `si` again, to be delivered right where the task is. */
static struct action send_held(struct recorder *s, struct rtask *t, siginfo_t *si, enum sig_where where)
{
	if (syscall(SYS_tgkill, t->proc->tgid, t->tid, si->si_signo) || pt_resume(PTRACE_CONT, t->tid, 0) ||
	    sched_wait_for(s, t))
		return act(ACT_GONE);
	t->in_call = false;
	if (!WIFSTOPPED(t->status) || pt_event(t->status) || WSTOPSIG(t->status) >= SIGRTMAX + 1) {
		t->has_status = true;
		t->state = TS_READY;
		return act(ACT_AGAIN);
	}
	/* Another signal may have come first; then it is that one that is delivered
	 * here, and ours follows at the end of the same station. */
	int sig = WSTOPSIG(t->status);
	struct proc_status p;
	if (sig == si->si_signo)
		pt_set_siginfo(t->tid, si);
	if (!proc_status(t->tid, &p) && !(p.caught & BIT(sig)))
		return act_run(PTRACE_CONT, sig, TS_USER);
	return signal_deliver(s, t, sig, where);
}

struct action signal_at_entry(struct recorder *s, struct rtask *t)
{
	siginfo_t si;
	if (!take_held(t, &si, SIG_AT_ENTRY))
		return act(ACT_NOT_MINE);
	/* Undo the call: the program is again just before its `syscall`. */
	regs_t r = t->regs;
	t->undone_at = r.rip;
	r.rip -= 2;
	r.rax = r.orig_rax;
	r.orig_rax = (uint64_t)-1;
	if (pt_setregs(t->tid, &r))
		return act(ACT_GONE);
	return t->traced ? traced_signal(s, t, &si, SIG_AT_ENTRY) : send_held(s, t, &si, SIG_AT_ENTRY);
}

struct action signal_at_station(struct recorder *s, struct rtask *t, enum sig_where where)
{
	siginfo_t si;
	return take_held(t, &si, where) ? send_held(s, t, &si, where) : act(ACT_NOT_MINE);
}

bool signal_take(struct rtask *t, siginfo_t *si)
{
	return take_held(t, si, SIG_AT_STATION);
}

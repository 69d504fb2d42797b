/* What a stop of a task means, who is asked about it, and what becomes of the task then. */
#include "record/session.h"

#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

/* --- stations --- */

/* Can a signal be due right now, because of the call itself? One that merely arrived
 * meanwhile may as well be taken as arriving later. */
static bool may_be_due(const struct rtask *t, int64_t result)
{
	const struct sysrow *row = sys_row(t->nr);
	if (t->interrupted || result == -EINTR)
		return true;
	/* Of calls that write, only failures come with a signal (SIGPIPE, SIGXFSZ). */
	return row->flags & F_SIGNAL && (result < 0 || !(row->flags & F_WRITES));
}

/* `t` is at a station, after a call (or the set-up of a handler) with `result`. */
static struct action at_station(struct recorder *s, struct rtask *t, int64_t result)
{
	struct action a = act(ACT_NOT_MINE);
	t->result = result;
	if (sched_turn_over(s, t)) {
		if (!traced_due(t) && !sched_busy(s, t) && !sched_behind(s, t))
			a = safepoint_beyond(s, t);
		return a.what ? a : act(ACT_PARK);
	}
	if (traced_due(t))
		a = traced_station(s, t);
	if (!a.what && t->held.n && !t->traced)
		a = signal_at_station(s, t, SIG_AT_STATION);
	if (a.what)
		return a;
	/* A pending signal stops the task again before it runs any user code: that is
	 * still this station. A single step makes sure that we notice if it does not. */
	t->stepping = may_be_due(t, result) && signal_pending(t);
	if (t->stepping && stop_leave_skipped(s, t)) {
		t->stepping = false;
		return act(ACT_AGAIN);
	}
	return act_run(t->stepping ? PTRACE_SINGLESTEP : PTRACE_CONT, 0, TS_USER);
}

/* --- stops --- */

/* A PTRACE_EVENT_STOP: a job-control stop, or the end of one. */
static struct action event_stop(struct recorder *s, struct rtask *t, int sig)
{
	regs_t r;
	bool stalled = t->stalled,
	     stop = sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
	t->stalled = false;
	if (pt_getregs(t->tid, &r))
		return act(ACT_GONE);
	/* Not where others could see how far it came, or write its memory: it goes on to the next station
	 * first. */
	bool later = stop && !t->in_call && (buffer_inside(&r) || !t->stop_here);
	if (later) {
		t->stop_later = true;
		safepoint_arm(t);
	}
	if (stop && !later) {
		t->stop_here = false;
		return act(traced_group_stop(s, t, sig) ? ACT_DONE : ACT_LISTEN);
	}
	if (!t->in_call && buffer_waits(&r))
		return buffer_unwind(t);
	if (traced_continued(s, t))
		return act(ACT_DONE);
	if (traced_born(t))
		return act_station(0);
	if (stalled && sig == SIGTRAP && !t->in_call)
		return stall_stop(s, t);
	return t->in_call ? act_call() : act_user();
}

static struct action event(struct recorder *s, struct rtask *t, int ev, int sig)
{
	switch (ev) {
	case PTRACE_EVENT_SECCOMP:
		return call_entry(s, t);
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		return life_fork(s, t, ev);
	case PTRACE_EVENT_EXEC: /* the tasks were put right when it was reported */
		return act_call();
	case PTRACE_EVENT_EXIT:
		life_exit_event(s, t);
		return act(ACT_DONE);
	case PTRACE_EVENT_STOP:
		return event_stop(s, t, sig);
	}
	return act_user();
}

/* Ask whom the stop in the status of `t` concerns. */
static struct action stopped(struct recorder *s, struct rtask *t)
{
	int status = t->status;
	if (!t->has_status)
		return act(ACT_DONE);
	t->has_status = false;
	if (!WIFSTOPPED(status)) {
		life_gone(s, t, status);
		return act(ACT_DONE);
	}
	traced_woken(t);
	signal_open(t);
	ownfilter_stopped(t);
	int sig = WSTOPSIG(status), ev = pt_event(status);
	struct action a = interrupt_stop(s, t, ev, sig);
	if (a.what)
		return a;
	if (ev)
		return event(s, t, ev, sig);
	if (sig != (SIGTRAP | 0x80))
		return signal_stop(s, t, sig);
	/* The exit of a call, or of one that did not run. */
	return t->in_call ? call_exit(s, t) : act_user();
}

/* --- what becomes of the task --- */

static void resume(struct recorder *s, struct rtask *t, const struct action *a)
{
	uint64_t since = t->user_since;
	sched_resume(s, t, a->request, a->sig, a->state);
	if (a->stretch)
		t->user_since = since;
	if (a->settle)
		sched_settle(s, t);
	if (a->dumps)
		life_dump_core(s, t);
}

static void perform(struct recorder *s, struct rtask *t, const struct action *a)
{
	switch (a->what) {
	case ACT_RUN:
		resume(s, t, a);
		break;
	case ACT_LISTEN:
		t->state = pt_resume(PTRACE_LISTEN, t->tid, 0) ? TS_EXITING : TS_STOPPED;
		break;
	case ACT_PARK:
		sched_set_aside(s, t);
		break;
	case ACT_WAIT:
		t->has_status = true;
		t->state = TS_READY;
		sched_ready(s, t);
		break;
	case ACT_GONE:
		t->state = TS_EXITING;
		break;
	default:
		break;
	}
}

void stop_handle(struct recorder *s, struct rtask *t)
{
	bool parked = t->parked && !t->has_status;
	struct action a = parked ? act_station(t->result) : act(ACT_AGAIN);
	t->parked &= !parked;
	while (a.what == ACT_STATION || a.what == ACT_AGAIN)
		a = a.what == ACT_STATION ? at_station(s, t, a.result) : stopped(s, t);
	perform(s, t, &a);
}

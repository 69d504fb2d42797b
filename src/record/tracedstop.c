/* A task that another recorded task traces: where it stops, and how it goes on. It stops where a signal would
 * be delivered, at a station; places that are no stations by themselves (a fault, the start of a call) get an
 * event of their own, EV_STOP. Nothing is on record of the stop itself: replay does not know it. */
#include "record/sigstate.h"
#include "record/traced.h"

#include <signal.h>
#include <sys/ptrace.h>

#define MSG_CALL_START 1 /* PTRACE_EVENTMSG_SYSCALL_ENTRY, include/uapi/linux/ptrace.h */

/* --- stops --- */

static void event_info(const struct rtask *t, int code, siginfo_t *si)
{
	*si = (siginfo_t){.si_signo = SIGTRAP, .si_code = code};
	si->si_pid = t->tid;
	si->si_uid = task_uid(t->tid);
}

void traced_stop(struct recorder *s, struct rtask *t, enum traced_place place, enum traced_why why, int code)
{
	struct traced *tr = t->traced;
	tr->stopped = true;
	tr->told = tr->listens = false;
	tr->place = place;
	tr->why = why;
	tr->code = code;
	tr->since = ++s->traced_stops;
	tr->inject.si_signo = 0;
	if (why != WHY_SIGNAL)
		event_info(t, code, &tr->si);
	t->state = TS_STOPPED;
	tracewait_report(s, t);
}

/* The task has come to a place that no other event tells: registers *r are those with which it goes on. */
static void log_stop(struct recorder *s, struct rtask *t, int sig, enum sig_where where, const regs_t *r)
{
	log_begin(s, t, EV_STOP, sig)->arg[0] = where;
	log_regs(s, r);
	log_put(s);
}

struct action traced_signal(struct recorder *s, struct rtask *t, const siginfo_t *si, enum sig_where where)
{
	struct traced *tr = t->traced;
	regs_t r;
	if (where != SIG_AT_STATION && where != SIG_AT_SAFEPOINT) {
		if (pt_getregs(t->tid, &r))
			return act(ACT_GONE);
		log_stop(s, t, where == SIG_AT_FAULT ? si->si_signo : 0, where, &r);
	}
	tr->si = *si;
	tr->nr = where == SIG_AT_STATION ? t->nr : -1;
	traced_stop(s, t, TRACED_STATION, WHY_SIGNAL, si->si_signo);
	return act(ACT_DONE);
}

/* The task is at the start of a call: the registers with which it makes that again. */
static regs_t log_call_start(struct recorder *s, struct rtask *t)
{
	regs_t r = t->regs;
	r.rip -= 2;
	r.rax = r.orig_rax;
	r.orig_rax = (uint64_t)-1;
	log_stop(s, t, 0, SIG_AT_ENTRY, &r);
	return r;
}

/* PTRACE_INTERRUPT: the call that the task is about to make is undone. */
static struct action stop_before(struct recorder *s, struct rtask *t, const regs_t *r)
{
	t->traced->stop_due = false;
	t->traced->nr = -1;
	if (pt_setregs(t->tid, r))
		return act(ACT_GONE);
	traced_stop(s, t, TRACED_STATION, WHY_EVENT, SIGTRAP | PTRACE_EVENT_STOP << 8);
	return act(ACT_DONE);
}

struct action traced_call_start(struct recorder *s, struct rtask *t)
{
	struct traced *tr = t->traced;
	bool due = tr && tr->stop_due && tr->seized;
	if (!tr || (!due && (tr->how != PTRACE_SYSCALL || tr->start_told)) || t->vsyscall)
		return act(ACT_NOT_MINE);
	regs_t r = log_call_start(s, t);
	if (due)
		return stop_before(s, t, &r);
	tr->start_told = true;
	tr->nr = (int64_t)t->regs.orig_rax;
	tr->msg = MSG_CALL_START;
	traced_stop(s, t, TRACED_CALL_START, WHY_CALL_START,
		    SIGTRAP | (tr->options & PTRACE_O_TRACESYSGOOD ? 0x80 : 0));
	return act(ACT_DONE);
}

struct action traced_filter_stop(struct recorder *s, struct rtask *t)
{
	struct traced *tr = t->traced;
	struct verdict v = {0};
	if (tr && tr->options & PTRACE_O_TRACESECCOMP && !t->vsyscall)
		v = ownfilter_ask(t);
	if (v.kind != VERDICT_TRACE)
		return act(ACT_NOT_MINE);
	log_call_start(s, t);
	tr->filter_told = tr->start_told = true;
	tr->nr = (int64_t)t->regs.orig_rax;
	tr->msg = (unsigned long)v.result;
	traced_stop(s, t, TRACED_CALL_START, WHY_EVENT, SIGTRAP | PTRACE_EVENT_SECCOMP << 8);
	return act(ACT_DONE);
}

bool traced_event(struct recorder *s, struct rtask *t, int event, unsigned long msg)
{
	struct traced *tr = t->traced;
	if (!tr || !(tr->options & 1u << event))
		return false;
	tr->msg = msg;
	tr->nr = t->nr;
	traced_stop(s, t, TRACED_IN_CALL, WHY_EVENT, SIGTRAP | event << 8);
	return true;
}

void traced_fork(const struct rtask *t, struct rtask *child, int event)
{
	const struct traced *tr = t->traced;
	if (!tr || !(tr->options & 1u << event) || t->clone.flags & CLONE_UNTRACED)
		return;
	struct traced *n = traced_new(child, tr->tracer, tr->seized, tr->options);
	n->stop_due = n->born = true;
}

bool traced_exiting(struct recorder *s, struct rtask *t, int status)
{
	struct traced *tr = t->traced;
	if (!tr || !(tr->options & PTRACE_O_TRACEEXIT) || tr->exit_told)
		return false;
	tr->exit_told = true;
	if (t->in_call)
		call_log_entry(s, t);
	tr->msg = (unsigned)status;
	tr->nr = t->in_call ? t->nr : -1;
	traced_stop(s, t, TRACED_EXITING, WHY_EVENT, SIGTRAP | PTRACE_EVENT_EXIT << 8);
	return true;
}

bool traced_group_stop(struct recorder *s, struct rtask *t, int sig)
{
	if (!t->traced)
		return false;
	traced_stop(s, t, TRACED_GROUP, WHY_GROUP, t->traced->seized ? sig | PTRACE_EVENT_STOP << 8 : sig);
	return true;
}

bool traced_continued(struct recorder *s, struct rtask *t)
{
	if (!t->traced || !t->traced->listens)
		return false;
	traced_stop(s, t, TRACED_GROUP, WHY_EVENT, SIGTRAP | PTRACE_EVENT_STOP << 8);
	return true;
}

/* --- going on --- */

/* Handle `t` as if it had just stopped like this. */
static void as_stopped(struct recorder *s, struct rtask *t, int event)
{
	t->status = event << 16 | SIGTRAP << 8 | 0x7f;
	t->has_status = true;
	t->state = TS_READY;
	sched_ready(s, t);
}

/* At the start of a call, which the tracer may have changed or taken out. */
static void go_on_into_call(struct recorder *s, struct rtask *t)
{
	regs_t r;
	if (pt_getregs(t->tid, &r)) {
		t->state = TS_EXITING;
		return;
	}
	if ((int)r.orig_rax >= 0) {
		as_stopped(s, t, PTRACE_EVENT_SECCOMP);
		return;
	}
	r.orig_rax = (uint64_t)-1;
	log_begin(s, t, EV_MEM, 0);
	log_regs(s, &r);
	log_put(s);
	t->nr = -1;
	t->result = (int64_t)r.rax;
	traced_call_ended(t, -1);
	sched_set_aside(s, t);
}

void traced_go_on(struct recorder *s, struct rtask *t)
{
	struct traced *tr = t->traced;
	enum traced_place place = tr->place;
	tr->stopped = tr->listens = false;
	switch (place) {
	case TRACED_STATION:
		sched_set_aside(s, t);
		break;
	case TRACED_CALL_START:
		go_on_into_call(s, t);
		break;
	case TRACED_IN_CALL: /* as after an exec's event: to the end of the call */
		as_stopped(s, t, PTRACE_EVENT_EXEC);
		break;
	case TRACED_EXITING:
		as_stopped(s, t, PTRACE_EVENT_EXIT);
		break;
	case TRACED_GROUP:
		as_stopped(s, t, PTRACE_EVENT_STOP);
		break;
	}
}

void traced_hurry(struct rtask *t)
{
	if (t->has_status)
		return;
	if (t->state == TS_USER) {
		buffer_want_stop(t);
		safepoint_arm(t);
	} else if (t->state == TS_KERNEL) {
		ptrace(PTRACE_INTERRUPT, t->tid, 0, 0);
	}
}

void traced_end(struct recorder *s, struct rtask *t)
{
	struct traced *tr = t->traced;
	if (tr->stopped && tr->place == TRACED_CALL_START && tr->filter_told)
		t->let_through = true; /* as if the tracer had let it go on */
	if (tr->inject.si_signo)
		signal_hold(t, &tr->inject);
	if (tr->stopped && tr->place == TRACED_GROUP)
		pt_resume(PTRACE_LISTEN, t->tid, 0);
	else if (tr->stopped)
		traced_go_on(s, t);
	traced_free(t);
}

void traced_tracer_gone(struct recorder *s, struct rtask *tracer)
{
	size_t i = 0;
	struct rtask *t;
	while (tracer->proc->tracees && (t = hmap_next(&s->tasks, &i))) {
		if (!t->traced || t->traced->tracer != tracer)
			continue;
		if (t->traced->options & PTRACE_O_EXITKILL)
			kill(t->tid, SIGKILL);
		traced_end(s, t);
	}
}

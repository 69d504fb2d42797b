/* What is done for the tracer of a task, another recorded one, when the task is at a station: events of the
 * call that has ended, stops that the tracer has asked for, signals. */
#include "record/sigstate.h"
#include "record/traced.h"

#include <signal.h>
#include <sys/ptrace.h>

#define MSG_CALL_END 2 /* PTRACE_EVENTMSG_SYSCALL_EXIT, include/uapi/linux/ptrace.h */

/* Events that come with the end of a call. True: it has stopped. */
static bool end_of_call(struct recorder *s, struct rtask *t)
{
	struct traced *tr = t->traced;
	tr->nr = t->nr;
	if (tr->exec_due) {
		tr->exec_due = false;
		if (tr->options & PTRACE_O_TRACEEXEC) {
			tr->msg = tr->exec_msg;
			traced_stop(s, t, TRACED_STATION, WHY_EVENT, SIGTRAP | PTRACE_EVENT_EXEC << 8);
			return true;
		}
		siginfo_t si = {.si_signo = SIGTRAP, .si_code = SI_USER};
		si.si_pid = t->proc->tgid;
		si.si_uid = task_uid(t->tid);
		if (!tr->seized)
			signal_hold(t, &si);
	}
	if (tr->vfork_due) {
		tr->vfork_due = false;
		tr->msg = (unsigned long)t->result;
		traced_stop(s, t, TRACED_STATION, WHY_EVENT, SIGTRAP | PTRACE_EVENT_VFORK_DONE << 8);
		return true;
	}
	bool ended = t->call_ended;
	t->call_ended = false;
	if (!ended || tr->how != PTRACE_SYSCALL)
		return false;
	tr->msg = MSG_CALL_END;
	traced_stop(s, t, TRACED_STATION, WHY_CALL_END,
		    SIGTRAP | (tr->options & PTRACE_O_TRACESYSGOOD ? 0x80 : 0));
	return true;
}

/* Stops that the tracer has asked for. True: it has stopped. */
static bool due_stop(struct recorder *s, struct rtask *t)
{
	struct traced *tr = t->traced;
	siginfo_t stop = {.si_signo = SIGSTOP, .si_code = SI_KERNEL};
	if (!tr->stop_due)
		return false;
	tr->stop_due = false;
	if (!tr->seized) {
		signal_hold(t, &stop);
		return false;
	}
	traced_stop(s, t, TRACED_STATION, WHY_EVENT, SIGTRAP | PTRACE_EVENT_STOP << 8);
	return true;
}

struct action traced_station(struct recorder *s, struct rtask *t)
{
	struct traced *tr = t->traced;
	siginfo_t si;
	if (end_of_call(s, t))
		return act(ACT_DONE);
	if (tr->inject.si_signo) {
		si = tr->inject;
		tr->inject.si_signo = 0;
		return signal_raise(s, t, &si);
	}
	if (due_stop(s, t))
		return act(ACT_DONE);
	return signal_take(t, &si) ? traced_signal(s, t, &si, SIG_AT_STATION) : act(ACT_NOT_MINE);
}

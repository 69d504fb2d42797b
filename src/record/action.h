/* What becomes of a task whose stop has been handled. Handlers return it; stops.c does it. */
#ifndef RECORD_ACTION_H
#define RECORD_ACTION_H

#include <stdint.h>
#include <sys/ptrace.h>

#include "record/state.h"

struct action {
	enum {
		ACT_NOT_MINE, /* the stop does not concern the handler: the next one is asked */
		ACT_DONE,     /* nothing: the task is gone, or the recording has failed */
		ACT_RUN,      /* the task goes on by `request`, with `sig`, and is in `state` then */
		ACT_LISTEN,   /* its process is stopped by job control: it stays so */
		ACT_STATION, /* it is at a station, after a call with `result`: a signal, or others may be due
			      */
		ACT_PARK,    /* it stays at its station until its turn comes */
		ACT_WAIT,    /* its stop is handled when its turn comes */
		ACT_AGAIN,   /* it has come to another stop, which is in its status */
		ACT_GONE,    /* it does not answer any more: only its end is to come */
	} what;
	int request, sig;
	enum task_state state;
	int64_t result;
	bool stretch; /* ACT_RUN: it was no station, so the time since the last one goes on */
	bool settle;  /* ACT_RUN: nobody may overtake the call (sched_settle) */
	bool dumps;   /* ACT_RUN: it dies by the signal, and may dump core (life_dump_core) */
};

static inline struct action act(int what)
{
	return (struct action){.what = what};
}

static inline struct action act_run(int request, int sig, enum task_state state)
{
	return (struct action){.what = ACT_RUN, .request = request, .sig = sig, .state = state};
}

/* It goes on with its code. */
static inline struct action act_user(void)
{
	return act_run(PTRACE_CONT, 0, TS_USER);
}

/* It makes its call, whose exit stops it. */
static inline struct action act_call(void)
{
	return act_run(PTRACE_SYSCALL, 0, TS_KERNEL);
}

static inline struct action act_station(int64_t result)
{
	return (struct action){.what = ACT_STATION, .result = result};
}

/* ACT_GONE if `rc`, the result of an attempt to change the task, is not 0. */
static inline struct action act_unless(int rc, struct action otherwise)
{
	return rc ? act(ACT_GONE) : otherwise;
}

#endif

/* A diversion: copies of all tasks, which do what was not recorded. */
#ifndef REPLAY_DIVERT_H
#define REPLAY_DIVERT_H

#include "replay/session.h"

/* Where a task stood when the diversion began, as the program sees it. */
struct stood {
	int32_t tid;
	regs_t regs;
};

struct diversion {
	struct state_copy recorded; /* the tasks of the recording, which stand still meanwhile */
	VEC(struct stood) stood;
	uint64_t mask;	   /* what the calling task believes to block */
	uint8_t noted[64]; /* system calls that the user has been told of: bits */
	uint64_t clock;	   /* CLOCK_REALTIME in it, ns */
};

/* A system call that is to be answered. */
struct asked {
	struct replay *s;
	struct ptask *t;
	int64_t nr;
	uint64_t a[6];
};

/* What an answer may be beside a result of the kernel's. */
#define NO_ANSWER INT64_MIN	       /* it fails, and the user is told */
#define WAITS_FOR_EVER (INT64_MIN + 1) /* nobody would end the wait */
#define STOPPED (INT64_MIN + 2)	       /* or an error */

/* Let the copy make the call: its result. */
static inline int64_t divert_make(const struct asked *c)
{
	return remote_one(c->t->pid, REMOTE_REPLAY, c->nr, c->a[0], c->a[1], c->a[2], c->a[3], c->a[4],
			  c->a[5]);
}

/* --- divert_calls.c --- */
/* `t` has stopped at the start of a system call: make it, or answer it. 0; -1: stopped for the client, or an
 * error. */
int divert_call(struct replay *s, struct ptask *t);

/* --- divert_time.c: the clocks show the time of the recording, and go on at each look and with each wait ---
 */
void divert_clock_begin(struct replay *s);
int64_t divert_clock_gettime(const struct asked *c);
int64_t divert_gettimeofday(const struct asked *c);
int64_t divert_time(const struct asked *c);
/* Waits: the time has passed at once, and nothing has happened. */
int64_t divert_nanosleep(const struct asked *c);
int64_t divert_clock_nanosleep(const struct asked *c);
int64_t divert_poll(const struct asked *c);
int64_t divert_ppoll(const struct asked *c);
int64_t divert_select(const struct asked *c);
int64_t divert_futex(const struct asked *c);

/* --- divert_insn.c --- */
/* `t` has raised `sig`: because of an instruction whose result is recorded (cpuid, rdtsc, rdrand, ...)? Then
 * do what that does. 1: done; 0: it is something else; -1. */
int divert_insn(struct replay *s, struct ptask *t, int sig, const siginfo_t *si);

/* --- divert.c --- */
/* Tell the user something about what runs. */
void divert_note(struct replay *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif

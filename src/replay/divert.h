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
};

/* --- divert_calls.c --- */
/* `t` has stopped at the start of a system call: make it, or answer it. 0; -1: stopped for the client, or an
 * error. */
int divert_call(struct replay *s, struct ptask *t);

/* --- divert_insn.c --- */
/* `t` has raised `sig`: because of an instruction whose result is recorded (cpuid, rdtsc, rdrand, ...)? Then
 * do what that does. 1: done; 0: it is something else; -1. */
int divert_insn(struct replay *s, struct ptask *t, int sig, const siginfo_t *si);

/* --- divert.c --- */
/* Tell the user something about what runs. */
void divert_note(struct replay *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif

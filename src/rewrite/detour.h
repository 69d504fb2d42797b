/* A jump planted in code that runs, such as a JIT compiler's: which instructions it displaces,
 * and their copies. Unlike an image it need not last: whoever plants it takes it away again. */
#ifndef REWRITE_DETOUR_H
#define REWRITE_DETOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "task/mapping.h"
#include "task/ptrace.h"

#define DETOUR_JUMP 5	 /* bytes of the jump */
#define DETOUR_INSNS 5	 /* instructions displaced at most */
#define DETOUR_LOOK 4096 /* bytes before and behind the place that should be known */

/* Bytes of a program around a place. */
struct live_code {
	const uint8_t *bytes;
	size_t len;
	uint64_t base; /* address of the first */
};

struct detour {
	uint64_t at;		    /* where the jump goes */
	unsigned len;		    /* bytes displaced, whole instructions */
	unsigned n;		    /* instructions */
	uint64_t app[DETOUR_INSNS]; /* their addresses, */
	unsigned off[DETOUR_INSNS]; /* and where their copies are, from the first */
};

/* Read what is around `at` in the memory of `tid` into `bytes`, which `c` then refers to. 0, or -1:
 * nothing is mapped there. */
int detour_look(pid_t tid, const struct space *sp, uint64_t at, uint8_t bytes[2 * DETOUR_LOOK],
		struct live_code *c);
/* May the instructions at `at` be displaced? They can be executed elsewhere. The first does not
 * repeat itself, so each time it is reached is a time of its own. No branch that is reached from
 * there without a call or an indirect jump leads between them: others may, and whoever plants
 * the jump must help there. 0 or -1. */
int detour_plan(const struct live_code *c, uint64_t at, struct detour *d);
/* Does the code at `at` only go round, doing nothing (jumps, pauses and nops), until a signal comes?
 * All its passes are the same, so the first that comes there serves. */
bool detour_still(const struct live_code *c, uint64_t at);
/* Write the copies for address `to`, and a jump back. Bytes written, at most `cap`; or -1: out
 * of reach, or no room. Fills d->off. */
int detour_emit(const struct live_code *c, struct detour *d, uint64_t to, uint8_t *out, size_t cap);

#endif

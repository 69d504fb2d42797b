/* Who has a say in a system call.
 *
 * Every call is a start, a call and an exit. A module that wants to hear of a call
 * (its mask says which) chooses at the start, by the arguments, what happens:
 * the call runs and it hears of the exit; the call runs and that is all; the call
 * does not run and the module supplies the result. Modules form a chain; the first
 * that skips the call decides its result. */
#ifndef INTERPOSE_CHAIN_H
#define INTERPOSE_CHAIN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "abi/sysrow.h"

enum disposition {
	DISP_CALL,	/* run the call; its exit is not worth a stop */
	DISP_CALL_EXIT, /* run the call and hear of its exit */
	DISP_SKIP,	/* do not run the call: `result` is its result */
};

struct call {
	pid_t tid;
	void *task; /* the interposer's own task, opaque to modules of others */
	int64_t nr;
	uint64_t args[6];
	int64_t result;
};

/* The calls that are worth a start; a bit for each number. */
struct call_mask {
	uint64_t bits[(SYS_MAX + 63) / 64];
};

struct module {
	const char *name;
	struct call_mask wants;
	enum disposition (*start)(struct module *m, struct call *c);
	void *state;
	struct module *next;
};

void mask_add(struct call_mask *m, int64_t nr);
bool mask_has(const struct call_mask *m, int64_t nr);
/* Every call for which `wanted` holds. */
void mask_fill(struct call_mask *m, bool (*wanted)(const struct sysrow *row));

/* Ask the chain: DISP_SKIP of the first module that skips, else the strongest wish. */
enum disposition chain_start(struct module *first, struct call *c);

#endif

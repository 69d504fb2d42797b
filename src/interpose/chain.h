/* Who has a say in a system call.
 *
 * Every call is a start, a call and an exit. A module that wants to hear of a call
 * (its mask says which) chooses at the start, by the arguments, what happens:
 * the call runs and it hears of the exit; the call runs and that is all; the call
 * does not run and the module supplies the result. Modules form a chain; the first
 * that skips the call decides its result. The loop (interpose/loop.h) tells modules of
 * everything else that happens to a task as well. */
#ifndef INTERPOSE_CHAIN_H
#define INTERPOSE_CHAIN_H

#include <signal.h>
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
	void *task; /* the interposer's own task, opaque to modules of others: the loop's is a struct tracee
		     */
	int64_t nr;
	uint64_t args[6];
	int64_t result;
	uint64_t ip, sp; /* from the loop: behind the call's instruction, and the stack pointer */
	uint64_t heard;	 /* bit i: the i-th module of the chain hears of the exit */
	bool skipped;	 /* a module has supplied the result */
};

/* The calls that are worth a start: a bit for each number, and one (SYS_MAX) for all numbers
 * that have no row. */
struct call_mask {
	uint64_t bits[SYS_MAX / 64 + 1];
};

struct tracee; /* interpose/loop.h */

/* How a task came to the loop. */
enum birth { BIRTH_START, BIRTH_ATTACH, BIRTH_FORK, BIRTH_VFORK, BIRTH_CLONE };

/* A hook that is NULL is not called, and where nobody has `exiting` or `trap` there is no such stop. */
struct module {
	const char *name;
	struct call_mask wants;
	enum disposition (*start)(struct module *m, struct call *c);
	/* A call that the module wanted to hear of has ended. The module may change c->result. */
	void (*exit)(struct module *m, struct call *c);
	/* `parent` is NULL for tasks that the loop has started or attached to. */
	void (*began)(struct module *m, struct tracee *t, struct tracee *parent, enum birth how);
	/* A signal is about to be delivered: the signal to deliver in its place, 0 for none. */
	int (*signal)(struct module *m, struct tracee *t, const siginfo_t *si);
	/* A breakpoint, a step, a trapping instruction: true where it was the module's own. */
	bool (*trap)(struct module *m, struct tracee *t, const siginfo_t *si);
	/* The task's process has stopped by signal `sig` (job control). */
	void (*stopped)(struct module *m, struct tracee *t, int sig);
	/* The task has executed a program; `former` is the number that it had before (it is another one
	 * when a thread that is not the first of its process calls exec). The exit of the call follows. */
	void (*execed)(struct module *m, struct tracee *t, pid_t former);
	/* The task is about to end; its memory is still there. `status` is that of waitpid. */
	void (*exiting)(struct module *m, struct tracee *t, int status);
	/* The task is gone. `status` is that of waitpid, or -1 where the exec of another thread has ended it.
	 */
	void (*died)(struct module *m, struct tracee *t, int status);
	/* The loop's wait has been interrupted by a signal of its own process. */
	void (*idle)(struct module *m);
	void *state;
	struct module *next;
};

void mask_add(struct call_mask *m, int64_t nr);
bool mask_has(const struct call_mask *m, int64_t nr);
/* Every call for which `wanted` holds. */
void mask_fill(struct call_mask *m, bool (*wanted)(const struct sysrow *row));
/* Every call, those without a row as well. */
void mask_all(struct call_mask *m);
/* What any module of the chain wants. */
struct call_mask mask_union(const struct module *first);

/* Ask the chain: DISP_SKIP of the first module that skips, else the strongest wish. Those who were asked
 * before the one that skips, and wanted to hear of the exit, are told of it at once. */
enum disposition chain_start(struct module *first, struct call *c);
/* Tell those who wanted to hear of it that the call has ended, the last of the chain first: what a module
 * makes of the result is what those before it see. */
void chain_exit(struct module *first, struct call *c);

#endif

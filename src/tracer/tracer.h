/* `reprise trace`: the system calls of a program as text, as strace prints them. */
#ifndef TRACER_TRACER_H
#define TRACER_TRACER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "interpose/chain.h"

/* Which results are shown. */
enum status_bit { STATUS_SUCCESSFUL = 1, STATUS_FAILED = 2, STATUS_UNFINISHED = 4, STATUS_ALL = 7 };

/* -e inject=SET:... */
struct inject_rule {
	struct call_mask calls;
	bool skip; /* the call is not made: `result` is its result */
	int64_t result;
	int signal;		    /* sent when the call starts, or 0 */
	unsigned delay_us;	    /* before the call; of its task only */
	unsigned delay_exit_us;	    /* behind it */
	unsigned first, last, step; /* which of the task's calls: first, first + step, ..., at most last */
	struct inject_rule *next;
};

struct tracer_options {
	char **argv; /* the command, or NULL */
	pid_t *pids; /* to attach to */
	unsigned n_pids;
	const char *output; /* -o; NULL: stderr */
	struct call_mask calls;
	uint64_t signals; /* bit N - 1: signal N is shown */
	unsigned status;  /* STATUS_* */
	struct inject_rule *inject;
	const char **paths; /* -P */
	unsigned n_paths;
	unsigned text; /* -s; 0: 32 */
	unsigned hex;  /* -x, -xx */
	unsigned time; /* -t, -tt, -ttt */
	unsigned fds;  /* -y, -yy */
	bool verbose, summary, stacks, relative, duration, json, no_follow, quiet;
};

/* 0, or -1 with the error text. Sets of calls: interpose/maskset.h. */
int tracer_parse_signals(const char *set, uint64_t *out);
int tracer_parse_status(const char *set, unsigned *out);
/* "SET:error=ENOENT:when=2+". The rule is the caller's, or NULL with the error text. */
struct inject_rule *tracer_parse_inject(const char *text);

struct tracer;
/* Open the output. `o` stays the caller's, and must outlive the tracer. NULL with the error text. */
struct tracer *tracer_new(const struct tracer_options *o);
/* Until the command has ended, or the end was asked for. Its exit status as a shell says, or -1
 * with the error text. */
int tracer_run(struct tracer *tr, const char *path, void (*in_child)(void *));
/* In a signal handler: pass the signal to the command, or let attached processes go. */
void tracer_signal(struct tracer *tr, int sig);
void tracer_free(struct tracer *tr);

#endif

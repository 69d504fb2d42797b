/* The one hand on the tasks: it waits for their stops, says what each is, asks the modules of a chain
 * (interpose/chain.h), and alone resumes. docs/interposition.md has a picture.
 *
 * A loop belongs to the thread that made it, which alone may use it (but for loop_ask_end). Nothing is
 * process-wide: loops in several threads do not hear of each other's tasks. The thread should have no
 * children of its own: the loop would reap them. */
#ifndef INTERPOSE_LOOP_H
#define INTERPOSE_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/hmap.h"
#include "interpose/chain.h"
#include "interpose/cpu.h"

struct loop_options {
	/* New threads and processes are not taken. No filter then: in a child that nobody traces it would
	 * make calls fail. */
	bool no_follow;
	bool no_filter; /* stop at every call, in the mask or not: twice where a filter stops once */
};

/* What the loop has counted. */
struct loop_stats {
	uint64_t stops;	 /* all stops that it has waited for */
	uint64_t starts; /* of calls */
	uint64_t exits;
	uint64_t passed; /* starts and exits that nobody wanted: only without a filter */
	uint64_t events; /* forks, clones, execs, ends, job control */
	uint64_t signals;
};

struct tracee {
	pid_t tid, tgid; /* tgid: its process */
	struct loop *loop;
	struct call call; /* the call that it is in, or was in last */
	bool in_call;	  /* between start and exit */
	bool stop_exit;	  /* the next stop of its own will be the exit of the call */
	bool starting;	  /* our own code before the first exec: no module hears of its calls */
	bool announced;	  /* modules know of it */
	bool attached;
	bool filtered;	/* it has a filter: only calls of the mask stop it */
	bool held;	/* stopped by job control: it stays so until SIGCONT comes */
	uint64_t until; /* loop_hold: it is resumed then (CLOCK_MONOTONIC, ns), with signal `pending` */
	int pending;
	bool reaped; /* it has died while it made a call for us, with `status` */
	int status;
	struct cpu_use cpu;
	void *data; /* whatever its modules want */
};

struct loop {
	struct module *first;
	struct loop_options opt;
	struct call_mask mask;
	struct hmap tracees; /* by tid */
	struct hmap early;   /* tids that ended before their parent's event came; values mean nothing */
	pid_t leader;	     /* the program that was started, or attached to first */
	int leader_status;   /* of waitpid; -1 until it has ended */
	int end;	     /* loop_ask_end; atomic */
	bool has_exiting;
	unsigned waiting; /* tasks with `until` */
	int report;	  /* the child that is started says here why exec failed; or -1 */
	struct loop_stats stats;
	struct cpu_home home;
};

/* Modules are the caller's, and outlive the loop. Their masks are read now. */
void loop_init(struct loop *l, struct module *first, const struct loop_options *o);
/* Start a program: `path` is executed with `argv` in a new process, whose first call that modules can hear
 * of is that exec. `in_child`, where it is not NULL, is called in the child before; it may call
 * async-signal-safe functions only. The pid, or -1 with the error text: nothing is left of the child then.
 * Where exec fails later, loop_exec_error tells. */
pid_t loop_start(struct loop *l, const char *path, char *const argv[], void (*in_child)(void *), void *arg);
/* After loop_run: the errno value with which the exec of loop_start has failed, or 0. */
int loop_exec_error(const struct loop *l);
/* Attach to all threads of a process. No filter is installed (it would stay, and make calls
 * fail, when the loop lets the task go): all calls stop, twice. 0 or -1. */
int loop_attach(struct loop *l, pid_t pid);
/* Until no task is left, or the end is asked for: then attached tasks are let go, as they would be without
 * the loop, and started ones killed. 0, or -1 with the error text. */
int loop_run(struct loop *l);
/* From any thread or signal handler: end loop_run. The caller must wake the loop's thread from waitpid with a
 * signal, again and again until loop_run returns. */
void loop_ask_end(struct loop *l);
void loop_free(struct loop *l);

struct tracee *loop_tracee(const struct loop *l, pid_t tid);
/* Bytes read; short where memory is unreadable. */
size_t loop_read(const struct tracee *t, uint64_t addr, void *out, size_t n);
/* 0 or -errno. */
int loop_write(const struct tracee *t, uint64_t addr, const void *data, size_t n);
/* From hooks: the task stays where it is for `ns` nanoseconds more. All others go on. */
void loop_hold(struct tracee *t, uint64_t ns);
/* From the hooks `start` and `exit`: let the task make another call first, one that makes no task and runs no
 * program. Its result or -errno; -ESRCH also where the task has died, -EOPNOTSUPP where its own call was not
 * made by a `syscall` instruction. No module hears of it. It costs two stops without a filter; with one,
 * three at a start, and at an exit two or, for a call of the mask, three. */
int64_t loop_inject(struct tracee *t, int64_t nr, const uint64_t args[6]);

#endif

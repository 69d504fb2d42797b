/* State of a replay, shared by the files of this folder. */
#ifndef REPLAY_SESSION_H
#define REPLAY_SESSION_H

#include <sys/types.h>

#include "base/fds.h"
#include "base/hmap.h"
#include "replay/replay.h"
#include "rewrite/sitemap.h"
#include "task/mapping.h"
#include "task/ptrace.h"
#include "task/remote.h"
#include "trace/meta.h"
#include "trace/reader.h"

/* An address space. */
struct pmm {
	struct space space;
	placed_list images;
	uint64_t loaded; /* bytes of records given to the runtime, and not known to be used up, */
	int32_t loader;	 /* and the recorded task whose calls they are */
	unsigned refs;
};

/* A process; `pid` is that of the replayed one. */
struct pproc {
	pid_t pid;
	int32_t tgid; /* recorded */
	unsigned tasks;
	struct ptask *first; /* of them */
};

struct ptask {
	int32_t tid; /* recorded */
	pid_t pid;   /* replayed */
	struct pproc *proc;
	struct ptask *next, **prev; /* tasks of the process */
	struct pmm *mm;
	bool at_entry;	 /* stopped at the start of a system call, which will not run */
	bool dead;	 /* it has exited; a leader whose threads live on stays, stopped */
	regs_t regs;	 /* as set last */
	uint64_t passed; /* safepoints of those before its next event, at a position */
};

/* An instrumented image of the trace. */
struct pimage {
	struct image im; /* first: address spaces point to it */
	uint64_t key;
	bool placed; /* while those are looked for that are not */
};

/* Shared memory of the recording: a memfd of ours. */
struct pobj {
	int fd;
};

struct replayer {
	const struct replay_options *opt;
	struct trace_reader *rd;
	struct trace_meta meta;
	struct hmap tasks;     /* recorded tid -> ptask */
	struct hmap objects;   /* id -> pobj */
	struct hmap images;    /* hash of a name -> struct pimage */
	size_t images_swept;   /* how many were left when those that nobody maps were freed */
	struct fd_cache files; /* hash of a name -> a file of the trace */
	struct hmap checked;   /* hash of a name: its content has been compared with that */
	int stub_fd;	       /* the stub executable, under this number in every task */
	struct event *ev;      /* the event being replayed */
	uint64_t stops, checks, done;
	uint64_t last_stop; /* the last event at which a task stopped */
	size_t told;	    /* of the positions that were asked for */
	bool partial;	    /* not all calls of a buffer need be made yet */
	bool diverged;
};

/* --- replay.c --- */
struct ptask *replay_task(struct replayer *s, int32_t tid);
struct ptask *replay_add(struct replayer *s, int32_t tid, pid_t pid, struct pproc *p, struct pmm *mm);

/* --- position.c --- */
/* Before event `ev` of `t` is replayed: stop at the positions before it. 0 or -1. */
int position_before(struct replayer *s, struct ptask *t, const struct event *ev);
/* After it: 1: no position is left to stop at; 0, or -1. */
int position_after(struct replayer *s, const struct event *ev);

/* --- run.c: letting a task go on to its next event --- */
/* Run `t`'s user code to the next system call. 0 or -1. */
int run_to_entry(struct replayer *s, struct ptask *t);
/* Run to the next signal that its own code raises; the signal, or -1. */
int run_to_fault(struct replayer *s, struct ptask *t, siginfo_t *si);
/* Run past `ticks` safepoints, to the trap of the last one. 0 or -1. */
int run_to_safepoint(struct replayer *s, struct ptask *t, uint64_t ticks);
/* Let `t` pass fewer than `ticks` safepoints from here on: it traps at that one. 0: any number.
 * 0 or -1. */
int run_limit(struct ptask *t, uint64_t ticks);
/* Make `n` single steps, of which none may do anything but compute. 0 or -1. */
int run_steps(struct replayer *s, struct ptask *t, int64_t n);
/* Set registers, with no call left to run or to restart. 0 or -1. */
int run_set_regs(struct replayer *s, struct ptask *t, const regs_t *r);

/* --- search.c --- */
/* Run on to the moment of event `ev`, which only its state tells. 0 or -1. */
int search_moment(struct replayer *s, struct ptask *t, const struct event *ev);

/* --- buffer.c: calls that the runtime answers --- */
/* EV_BUFFER. 0 or -1. */
int buffer_play(struct replayer *s, struct ptask *t, const struct event *ev);
/* `t` has stopped: all it was given must be used up. 0 or -1. */
int buffer_check(struct replayer *s, struct ptask *t);
/* Has `t` not made all calls that it was given? */
bool buffer_left(struct ptask *t);
/* Let `t` make the calls that are left, before it is gone. 0 or -1. */
int buffer_use_up(struct replayer *s, struct ptask *t);
/* The runtime says that a call is not the recorded one. Returns -1. */
int buffer_diverged(struct replayer *s, struct ptask *t);

/* --- memory.c: effects on memory --- */
int play_ops(struct replayer *s, struct ptask *t, const struct event *ev);
int play_chunks(struct replayer *s, struct ptask *t, const struct event *ev);
int play_check_in(struct replayer *s, struct ptask *t, const struct event *ev);
/* Build the mappings of a new program after the stub was run. 0 or -1. */
int play_rebuild(struct replayer *s, struct ptask *t, const struct event *ev);

/* --- life.c: tasks that come and go --- */
int play_first(struct replayer *s, const struct event *ev);
int play_fork(struct replayer *s, struct ptask *t, const struct event *ev);
int play_exec(struct replayer *s, const struct event *ev);
int play_exit(struct replayer *s, struct ptask *t, const struct event *ev);
void play_kill_all(struct replayer *s);

/* --- diverge.c --- */
/* Report a divergence at the current event. Returns -1. */
int diverge(struct replayer *s, struct ptask *t, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Compare registers with those of the event; `ignore` is a mask of DIFF_* below. */
#define DIFF_RAX 1
#define DIFF_FLAGS 2
#define DIFF_RCX_R11 4
#define DIFF_BASES 16 /* fs and gs, which arch_prctl sets */
#define DIFF_INSN 8   /* what a trapped instruction may change */
int diverge_check_regs(struct replayer *s, struct ptask *t, const regs_t *have, const regs_t *want,
		       unsigned ignore);

#endif

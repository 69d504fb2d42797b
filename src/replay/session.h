/* State of a replay, shared by the files of this folder. */
#ifndef REPLAY_SESSION_H
#define REPLAY_SESSION_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/fds.h"
#include "base/hmap.h"
#include "replay/bypasscode.h"
#include "replay/replay.h"
#include "rewrite/sitemap.h"
#include "task/mapping.h"
#include "task/ptrace.h"
#include "task/remote.h"
#include "trace/alone.h"
#include "trace/meta.h"
#include "trace/reader.h"

/* What stands for a breakpoint: an int3, or the jump to a bypass. */
struct plant {
	uint64_t at;  /* where it is: in the program's code, or in a stub */
	uint64_t app; /* the program's address that it stands for */
	uint8_t len;  /* 1: an int3, or DETOUR_JUMP */
	uint8_t was[DETOUR_JUMP], put[DETOUR_JUMP];
	unsigned bypass; /* its number in pmm.bypasses + 1; 0: it has none */
};

/* Pages of ours, for one place (bypass.c). */
struct bypass {
	uint64_t at;			 /* the instruction that is planted */
	uint64_t page;			 /* 0: there is no room, or the instruction cannot be copied */
	bool jumps;			 /* a jump leads there */
	uint8_t code[DETOUR_INSNS * 15]; /* what it displaces */
	struct bypass_code c;
	struct bypass_counts counts; /* as the task began with, this time */
};

/* A page of a space that lacks protection. */
struct guarded {
	uint64_t page;
	uint32_t prot, now;   /* the program's, and what it is */
	bool touches, writes; /* which guards it has */
	bool lowest;	      /* of a stack: what the stack grows by gets this page's protection */
};

/* A buffered call that replay makes again: where its record ends, and what it changes. */
struct redone {
	uint64_t end, lo, hi;
	bool protects; /* the protection too */
};

/* A buffered call that changes mappings, which the task has not made yet. */
struct mapping_call {
	uint64_t end; /* of its record */
	int64_t nr;
	uint64_t args[6], result, old;
};

/* An address space. */
struct pmm {
	struct space space;
	placed_list images;
	uint64_t loaded;	/* bytes of records given to the runtime, and not known to be used up, */
	int32_t loader;		/* the recorded task whose calls they are, */
	uint64_t loaded_by;	/* and the event that gave them */
	uint64_t used;		/* once all are used up: what buffer_used says until the task's next event */
	VEC(uint32_t) ends;	/* where in them those of system calls end */
	bool ends_with_station; /* as recorded */
	uint64_t marks;		/* what the marks in them were made for (buffer_mark), */
	uint64_t marks_guards;	/* and for which guards */
	unsigned refs;
	VEC(struct plant) plants;
	uint64_t plants_gen; /* of the points that they show; 0: look again */
	int32_t plants_tgid; /* and of this process, where a vfork shares the memory */
	bool plants_fast;    /* they may have bypasses */
	VEC(struct bypass) bypasses;
	VEC(struct guarded) guarded;
	uint64_t guards_gen; /* of the guards that they show; 0: look again */
	bool lifted;	     /* some of them have the program's protection for now */
	uint64_t stack_cut;  /* so much less than the program's limit may its stack take for now (guard.c) */
	VEC(struct redone) redone;
	VEC(struct mapping_call) to_map; /* what `space` does not show yet */
};

/* A process; `pid` is that of the replayed one. */
struct pproc {
	pid_t pid;
	int32_t tgid;	/* recorded */
	int32_t parent; /* likewise; 0: no process of the recording */
	unsigned tasks;
	struct ptask *first; /* of them */
	bool fatal;	     /* the signal that ends it has been told */
	bool dies;	     /* the first of its tasks has ended because of that signal */
	char exe[256];
	uint8_t auxv[1024]; /* as it was at its last exec */
	size_t auxv_len;
};

struct ptask {
	int32_t tid; /* recorded */
	pid_t pid;   /* replayed */
	struct pproc *proc;
	struct ptask *next, **prev; /* tasks of the process */
	struct pmm *mm;
	bool at_entry; /* stopped at the start of a system call, which will not run */
	bool dead;     /* it has exited; a leader whose threads live on stays, stopped */
	bool vforks;   /* it is in a call that waits until the child runs another program or ends */
	regs_t regs;   /* as set last */
	/* While it runs to its next event: */
	bool going;
	uint64_t zero_at;  /* safepoints passed since its last event when the counter will be zero */
	int64_t stepped;   /* single steps of those that the event tells */
	uint64_t visited;  /* address of the breakpoint that it is at and has been noted; 0: none */
	unsigned ntouched; /* guarded pages that its instruction to come has been noted for: page | kind */
	uint64_t touched[8];
	int64_t caught; /* number of the buffered call that it is in, + 1, where its start stopped it; or 0 */
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

/* A place in the code that is looked at when a task comes by. */
struct point {
	uint64_t addr;
	int32_t tgid;	      /* recorded; 0: any process */
	unsigned users;	      /* who count on its visits, */
	unsigned breaks;      /* and of these, breakpoints of the client */
	struct position from; /* visits are counted from here */
	uint64_t visits;
	unsigned passed; /* visits without a stop for the client */
	uint8_t *code;	 /* of its condition (replay/bypass.h) */
	size_t code_len;
	uint64_t left_run; /* nobody uses it since this run */
};

/* A page that no instruction writes to, or touches, without being counted. */
struct guard {
	uint64_t page;
	int32_t tgid; /* recorded; 0: any process */
	uint8_t kind; /* MOVE_WRITE or MOVE_TOUCH */
	unsigned users;
	struct position from; /* counted from here */
	uint64_t n;
	uint64_t left_run; /* nobody uses it since this run */
};

struct watch {
	int32_t tgid;
	enum watch_kind kind;
	uint64_t addr, len;
	unsigned users;
	uint8_t *was; /* the bytes, */
	bool known;   /* if they are */
	bool hit;     /* the instruction that is being made touches them */
};

/* Underway to a position. */
struct journey {
	bool active, at_base;
	struct position asked; /* as the client tells it: its calls may be CALLS_ANY */
	struct position to;    /* at_base: with the calls that its station has */
	unsigned move;
	uint64_t left; /* of this move */
};

/* What a replay consists of at one moment. */
struct state_copy {
	struct hmap tasks;   /* recorded tid -> ptask */
	struct hmap objects; /* id -> pobj */
};

/* On the way to an instruction of code made at run time (held.c). */
struct held {
	bool active;
	uint64_t at;	 /* address of the instruction, */
	uint64_t lo, hi; /* the pages that hold it, */
	uint32_t prot;	 /* and their protection, as the program sees it */
	bool closed;	 /* they cannot be executed for now; else: not written */
	bool loose;	 /* they can be both, for the one instruction that comes next */
	bool shut;	 /* they cannot be written at other addresses either */
	bool planted;	 /* there is an int3 in its place, */
	uint8_t was;	 /* of this byte */
};

/* The instruction of the program that is being made. */
struct step {
	uint64_t app;	/* its address */
	uint64_t ticks; /* safepoints passed when it began */
	bool there;	/* the task has been at that address, not only in a stub that leads there */
	bool ticked;	/* it has passed a safepoint before the instruction itself */
};

enum told { TOLD_CALL = 1, TOLD_SIGNAL = 2, TOLD_EXIT = 4 };

struct replay {
	struct replay_options opt;
	char *dir;
	struct trace_reader *rd;
	struct alone *alone; /* the process that was chosen; NULL: all are replayed */
	struct trace_meta meta;
	struct hmap tasks;     /* recorded tid -> ptask */
	struct hmap objects;   /* id -> pobj */
	struct hmap images;    /* hash of a name -> struct pimage */
	size_t images_swept;   /* how many were left when those that nobody maps were freed */
	struct fd_cache files; /* hash of a name -> a file of the trace */
	struct hmap checked;   /* hash of a name: its content has been compared with that */
	int stub_fd;	       /* the stub executable, under this number in every task */
	struct event *ev;      /* the event being replayed; NULL: the next one is not read yet */
	unsigned told;	       /* enum told: stops for this event that were reported */
	uint64_t stops, checks, done;
	uint64_t visits, steps;
	uint64_t last_stop; /* the last event at which a task stopped */
	bool partial;	    /* not all calls of a buffer need be made yet */
	int end_status;
	bool ended;

	/* The request being served. */
	const struct request *q;
	struct stop *stop;
	bool stopped;		     /* *stop says why; handlers return -1 up to replay_resume */
	bool debugging;		     /* counters and points matter */
	uint64_t deadline;	     /* ns; 0: none */
	uint64_t chunk, chunk_start; /* safepoints between looks at the clock; ns when the last look was */
	uint64_t step_from;	     /* where the step that the request asks for began */
	int64_t returned;	     /* number of a buffered call that is over, to be reported; -1: none */
	struct journey way;
	struct position here;
	struct position trail[2]; /* while instructions are counted: where the last ones led, newest first */
	bool counting, fresh;	  /* fresh: the task has not begun another instruction since */
	struct step step;
	bool moved;	 /* something has happened since the request began */
	int32_t current; /* task that the last stop was of */
	unsigned hurry;	 /* times that the client asked for a stop at once */
	bool searching;	 /* for the moment of `ev` */
	uint64_t runs;	 /* counts runs of tasks */
	VEC(struct point) points;
	uint64_t points_gen;
	bool bypassing; /* some of them are often passed by */
	VEC(struct guard) guards;
	uint64_t guards_gen;
	uint64_t guards_made; /* so many have been made */
	bool guarding;	      /* there have been some */
	VEC(struct watch) watches;
	struct held held;
	bool rdtsc_known, rdtsc_traps; /* on this machine */
	uint64_t sieve;		       /* address of its pages while it is in the task's memory, or 0 */
	bool (*condition)(void *ctx, int32_t tid, uint64_t addr);
	void *condition_ctx;
	uint8_t calls[64]; /* to be caught */
	bool catching;
	bool blind;	      /* breakpoints and caught calls do not count, for now */
	unsigned checkpoints; /* that are kept; they have images too */
	uint32_t calls_gen;   /* counts changes of that */
	struct buf report;    /* of a divergence */
	struct diversion *dv; /* the tasks are copies that do what was not recorded; NULL: they are not */
};

/* Of the functions below those that return an int return 0, or -1 with the error text in err_msg(); where
 * they are said to stop, -1 also means that s->stopped is set, and then nothing has failed. */

/* --- ptask.c: tasks --- */
/* The task with this recorded id, or NULL. */
struct ptask *replay_task(struct replay *s, int32_t tid);
/* A new one; the session owns it. */
struct ptask *replay_add(struct replay *s, int32_t tid, pid_t pid, struct pproc *p, struct pmm *mm);
/* `t` is a task of its process from now on. */
void replay_join(struct ptask *t);
/* Set registers, with no call left to run or to restart. */
int ptask_set_regs(struct ptask *t, const regs_t *r);

/* --- resume.c --- */
/* Let `t` go on (`request`: PTRACE_CONT or PTRACE_SINGLESTEP) and wait until it stops. */
int resume_and_wait(struct replay *s, struct ptask *t, int request, int *status);

/* --- station.c --- */
/* Read where `t` is; s->here is its station. True: another one than before. */
bool station_look(struct replay *s, struct ptask *t);

/* --- apply.c --- */
/* Replay event s->ev: run its task to it, then let it take effect. 0; -1: an error, or (s->stopped)
 * a stop for the client, after which it is called again. */
int apply_event(struct replay *s);

/* --- output.c --- */
/* Hand what the call of `ev` wrote to the user to the client. */
void output_show(struct replay *s, struct ptask *t, const struct event *ev);

/* --- stop.c --- */
/* The client is to be told. Returns -1. */
int stop_for(struct replay *s, struct ptask *t, enum stop_why why);
/* Is the request's time over? */
bool stop_due(struct replay *s);
/* Does the client want to know of this system call? */
bool stop_catches(const struct replay *s, int64_t nr);

/* --- ticks.c: safepoints that a task passes on its way --- */
/* `t` begins to run to its next event, unless it has begun. 0 or -1. */
int ticks_begin(struct ptask *t);
/* How many it has passed. 0 or -1. */
int ticks_passed(struct ptask *t, uint64_t *n);
/* Let it trap at safepoint `at`, counted from its last event; 0: at none. 0 or -1. */
int ticks_trap(struct ptask *t, uint64_t at);
/* Has `t`, which raised SIGTRAP, stopped because the counter is zero? Then flags are put right. */
bool ticks_trapped(struct ptask *t);

/* --- points.c: breakpoints in the tasks' memory --- */
/* Plant what belongs into t's memory; `fast`: with bypasses, which are for tasks that run, not for single
 * steps. 0 or -1. */
int points_plant(struct replay *s, struct ptask *t, bool fast);
/* Take all out of it, until the next run. */
void points_lift(struct ptask *t);
/* Something is about to be mapped or unmapped in [lo, hi): our pages there go. 0 or -1. */
int points_make_room(struct ptask *t, uint64_t lo, uint64_t hi);
void points_free(struct replay *s);
/* A sum over what the client wants to stop at. */
uint64_t points_key(const struct replay *s);
/* [addr, addr + len) is about to be written by us. */
void points_lift_range(struct ptask *t, uint64_t addr, uint64_t len);
/* The plant at address `at`, or NULL. */
struct plant *points_at(struct pmm *mm, uint64_t at);
/* Put back what plants hide in memory that was read. */
void points_mask(const struct pmm *mm, uint64_t addr, uint8_t *bytes, size_t len);
/* `t` is at the plant `p`: count the visit. Does a breakpoint want it to stop there? */
bool points_visit(struct replay *s, struct ptask *t, const struct plant *p);
/* A visit of `addr` counts from here on; until points_forget. */
struct point *points_use(struct replay *s, int32_t tgid, uint64_t addr);
void points_forget(struct replay *s, int32_t tgid, uint64_t addr);
/* From here on breakpoints and caught calls do not stop the replay (`blind`), or do so again. */
void points_blind(struct replay *s, bool blind);
/* Visits are counted from here on. */
void points_restart(struct replay *s);

/* --- bypass.c: for breakpoints that are often passed by --- */
/* One for point `p`, whose place in t's memory is `at`; `c` is the code there. NULL: there can be none. */
struct bypass *bypass_make(struct ptask *t, const struct point *p, uint64_t at, const struct live_code *c);
/* The jump to it. */
void bypass_jump(const struct bypass *b, uint8_t jump[DETOUR_JUMP]);
/* Are pages of one in [lo, hi)? */
bool bypass_overlaps(const struct pmm *mm, uint64_t lo, uint64_t hi);
/* All go; nothing that leads to them is planted. 0 or -1. */
int bypass_unmap(struct ptask *t);
/* `t` is about to run. 0 or -1. */
int bypass_begin(struct replay *s, struct ptask *t);
/* Let `t`, which is at the plant and has visited it, go on with the copy. 1: it does; 0: there is none; -1.
 */
int bypass_skip(struct ptask *t, const struct plant *pl);
/* `t` has stopped: take it out of pages of ours. */
enum {
	BYPASS_STOPPED, /* the stop is to be dealt with as any other */
	BYPASS_ON,	/* it can go on at once */
	BYPASS_ASKS
}; /* it is at *at: the condition is to be asked */
int bypass_stopped(struct replay *s, struct ptask *t, int status, const struct plant **at);

/* --- held.c: recorded instructions in code that the program makes at run time --- */
/* `t` is about to run to the instruction of event `ev`; and has got there, or stops on the way. 0 or -1. */
int held_begin(struct replay *s, struct ptask *t, const struct event *ev);
int held_end(struct replay *s, struct ptask *t);
/* `t` has raised a signal: because of what held.c does? 1: yes, and it can go on; 0: no; -1. */
int held_fault(struct replay *s, struct ptask *t, int sig, const siginfo_t *si);
/* `t` was let make one instruction with pages that can be written and executed: that is over. */
int held_tighten(struct replay *s, struct ptask *t);

/* --- step.c --- */
/* Let `t` make one instruction of the program's. 1: done; 0: it has stopped otherwise, *status says
 * how; 2 (where breakpoints are to be heeded): it has come to one on the way through a stub; -1. */
int step_instruction(struct replay *s, struct ptask *t, bool heed, int *status);
/* Was the step of the processor's that has just led from `from` the last of one of the program's? */
bool step_is_whole(struct ptask *t, uint64_t from);
/* An instruction of the program begins; `t` has made a part of it, or all. 0 or -1. */
int step_begin(struct replay *s, struct ptask *t);
int step_look(struct replay *s, struct ptask *t);
/* `t` is behind the trap of a safepoint, in an instruction that has begun: is that not made yet? */
bool step_is_due(struct replay *s, struct ptask *t);
/* One of the processor's, whatever is planted there. 1, 0 or -1. */
int step_raw(struct replay *s, struct ptask *t, int *status);
/* Make what is left of the instruction that `t` has begun: in the hook of system calls, the rest of the call.
 * As step_raw. */
int step_rest(struct replay *s, struct ptask *t, int *status);
/* `t` is where an event was. If that is in the runtime, within an instruction of the program's, make the rest
 * of that instruction. 0 or -1. */
int step_out(struct replay *s, struct ptask *t);

/* --- guard.c: pages that lack protection --- */
/* Count what instructions do to a page. */
void guards_use(struct replay *s, int32_t tgid, uint8_t kind, uint64_t page);
void guards_forget(struct replay *s, int32_t tgid, uint8_t kind, uint64_t page);
bool guard_matters(const struct guard *g, const struct ptask *t);
/* Does anybody count what is done to pages of [lo, hi), or may do so soon? */
bool guards_hit(const struct replay *s, const struct ptask *t, uint64_t lo, uint64_t hi);
/* The entry of the page that holds `addr`, or NULL; good until guards are planted or lifted. */
struct guarded *guards_at(struct pmm *mm, uint64_t addr);
/* Take protection from the pages that matter. 0 or -1. */
int guards_plant(struct replay *s, struct ptask *t);
/* Give all of t's memory the program's protection, until guards are planted again. 0 or -1. */
int guards_lift(struct ptask *t);
/* `t` may not touch `addr`, where no guard is: has its stack grown there, below a guarded page? Then it may
 * now. 1; 0: it has not; -1. */
int guards_grown(struct ptask *t, uint64_t addr);
/* What a fault on the page tells: MOVE_TOUCH or MOVE_WRITE. */
uint8_t guard_level(const struct guarded *g);
/* Give the page so much protection that an instruction which faulted there comes further. 0 or -1. */
int guard_lower(struct ptask *t, struct guarded *g);
/* The program has set the protection of [lo, hi), or mapped something else there. */
void guards_gone(struct pmm *mm, uint64_t lo, uint64_t hi);
/* s->here is another place than the counts are of. */
void guards_restart(struct replay *s);

/* --- watch.c --- */
/* Read values that are not known. */
void watch_begin(struct replay *s);
/* The replay is at another place: nothing is known of values and counts. */
void watch_restart(struct replay *s);
/* Compare what is watched with what it was. 0; -1: stopped, because it has changed. */
int watch_look(struct replay *s, struct ptask *t);
/* `t` has stopped with *status: if it faulted on a guarded page, let it make its instruction (`raw`: only the
 * processor's). 1: made; 0: *status says why it has stopped; -1: stopped for the client, or an error. */
int watch_pass(struct replay *s, struct ptask *t, bool raw, int *status);
void watch_free(struct replay *s);
/* A sum over what is watched. */
uint64_t watch_key(const struct replay *s);

/* --- journey.c: to a position --- */
/* Begin or go on with what the request asks for. 0 or -1. */
int journey_set_out(struct replay *s, const struct position *to);
/* `t` is about to run to event s->ev, or has stopped on the way: is it there? 0; or -1, stopped. */
int journey_look(struct replay *s, struct ptask *t);
/* Forget where it was to lead. */
void journey_end(struct replay *s);
/* The next safepoint at which it must look, 0: none. */
uint64_t journey_ticks(const struct replay *s);
/* Is the next move of this kind, and (MOVE_VISITS) to address `pc`? */
bool journey_is(const struct replay *s, uint8_t kind, uint64_t pc);
/* It has been made once. 1: the journey is over, stopped; 0. */
int journey_moved(struct replay *s, struct ptask *t);
/* Event s->done has taken effect, and leaves its task `t` (NULL: it is gone) at a station. 0; 1: the
 * journey is over; -1. */
int journey_event(struct replay *s, struct ptask *t);

/* --- checkpoint.c --- */
/* Copy all tasks and what they share. 0; -1: *to is empty. */
int state_fork(struct replay *s, struct state_copy *to);
void state_free(struct state_copy *c);

/* --- run.c: letting a task go on to its next event --- */
/* Run `t`'s user code to the next system call. 0 or -1. */
int run_to_entry(struct replay *s, struct ptask *t);
/* Run to the next signal that its own code raises, or (not 0) to safepoint `limit`; the signal, or -1. */
int run_to_fault(struct replay *s, struct ptask *t, siginfo_t *si, uint64_t limit);
/* Run past `ticks` safepoints, to the trap of the last one. 0 or -1. */
int run_to_safepoint(struct replay *s, struct ptask *t, uint64_t ticks);
/* Make `n` single steps, of which none may do anything but compute. 0 or -1. */
int run_steps(struct replay *s, struct ptask *t, int64_t n);
/* Has the task's own code raised signal `sig`, which is *si? Signals from outside mean nothing here. */
bool run_raised(struct ptask *t, int sig, siginfo_t *si);
/* Is the signal there because `t` came to bytes that a jump of an instrumented image covers? Then it goes on
 * in the stub. */
bool run_to_stub(struct ptask *t, int sig);
/* Leave the vsyscall page, whose call has just started. 0 or -1. */
int run_leave_vsyscall(struct replay *s, struct ptask *t);

/* --- search.c --- */
/* Run on to the moment of event `ev`, which only its state tells. 0 or -1. */
int search_moment(struct replay *s, struct ptask *t, const struct event *ev);

/* --- buffer_state.c: how far a task is with the calls that the runtime answers --- */
/* Offsets in the buffer: pos[0] is the end of the records that the runtime was given, pos[1] that of those
 * which it has used up. */
int buffer_pos(struct ptask *t, uint64_t pos[2]);
int buffer_set_pos(struct ptask *t, const uint64_t pos[2]);
/* `t` has stopped: all it was given must be used up. */
int buffer_check(struct replay *s, struct ptask *t);
/* Has `t` not made all calls that it was given? */
bool buffer_left(struct ptask *t);
/* Where the record of the last call ends that `t` has made of its buffer; 0: it has made none. */
int buffer_used(struct ptask *t, uint64_t *used);
/* The task has made the calls whose records end at `used` or before: its mappings are as those left them. */
void buffer_map_used(struct pmm *mm, uint64_t used);
/* The runtime says that a call is not the recorded one. Returns -1. */
int buffer_diverged(struct replay *s, struct ptask *t);
/* The registers of the program while `t` is in the hook. */
void buffer_regs(struct ptask *t, regs_t *r);

/* --- buffer_marks.c: calls at which the runtime is to stop --- */
/* Let the calls stop that the client wants to know of, and the one that the journey leads behind. */
int buffer_mark(struct replay *s, struct ptask *t);
/* `t` stopped behind a call. 1: because of a mark, and its registers are the program's now; 0: because the
 * recording says so; -1. */
int buffer_marked(struct replay *s, struct ptask *t);
/* `t` stopped at the start of a call that has a mark. 0; -1: stopped, or an error. */
int buffer_caught(struct replay *s, struct ptask *t);
/* `t` stopped behind a call: its registers become the program's, which goes on there with the result. */
int buffer_leave(struct replay *s, struct ptask *t);

/* --- buffer.c: calls that the runtime answers --- */
/* EV_BUFFER. */
int buffer_play(struct replay *s, struct ptask *t, const struct event *ev);
/* Let `t` make the calls that are left, before it is gone. */
int buffer_use_up(struct replay *s, struct ptask *t);

/* --- memory.c: effects on memory --- */
int play_ops(struct replay *s, struct ptask *t, const struct event *ev);
int play_chunks(struct replay *s, struct ptask *t, const struct event *ev);
int play_check_in(struct replay *s, struct ptask *t, const struct event *ev);
/* A descriptor of the file of the trace with this name; owned by the replay, for a while. Or -1. */
int play_file(struct replay *s, const char *hash);
/* Shared memory goes. */
void play_free_objects(struct replay *s);
/* Build the mappings of a new program after the stub was run. 0 or -1. */
int play_rebuild(struct replay *s, struct ptask *t, const struct event *ev);

/* --- life.c: tasks that come and go --- */
int play_first(struct replay *s, int32_t tid);
/* The process of `t` is no longer of interest: it goes. */
void play_leave(struct replay *s, struct ptask *t);
int play_fork(struct replay *s, struct ptask *t, const struct event *ev);
int play_exec(struct replay *s, const struct event *ev);
int play_exit(struct replay *s, struct ptask *t, const struct event *ev);
void play_kill_all(struct replay *s);

/* --- diverge.c --- */
/* Report a divergence at the current event: the text goes to s->report. Returns -1. */
int diverge(struct replay *s, struct ptask *t, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Compare registers with those of the event; `ignore` is a mask of DIFF_* below. */
#define DIFF_RAX 1
#define DIFF_FLAGS 2
#define DIFF_RCX_R11 4
#define DIFF_BASES 16 /* fs and gs, which arch_prctl sets */
#define DIFF_INSN 8   /* what a trapped instruction may change */
int diverge_check_regs(struct replay *s, struct ptask *t, const regs_t *have, const regs_t *want,
		       unsigned ignore);

#endif

/* Replaying a trace, step by step. Nothing here prints, exits or keeps state of the process: a
 * replay runs to what a request asks for and says why it stopped. All functions of one replay are
 * called by one thread, the one that opened it, for only that one may trace its tasks. */
#ifndef REPLAY_REPLAY_H
#define REPLAY_REPLAY_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "replay/position.h"
#include "task/mapping.h"
#include "task/ptrace.h"
#include "trace/alone.h"
#include "trace/meta.h"

struct replay;

/* What the program wrote to its standard output (fd 1) or error (2): all that one system call wrote, or the
 * first part of it (`begins`), or another part. */
struct written {
	int fd;
	int32_t tgid;	/* of the recorded process that wrote it */
	uint64_t event; /* of the call; 0: it was not recorded, but made in a diversion */
	bool begins;
	const void *data;
	size_t len;
};

struct replay_options {
	const char *dir; /* the trace */
	/* What the program wrote to the user's terminal, as it is replayed. NULL: nobody wants it. */
	void (*output)(void *ctx, const struct written *w);
	/* Something that the user should know of a diversion, without an end of line. NULL: nobody wants it.
	 */
	void (*note)(void *ctx, const char *text);
	/* Asked when a wait was interrupted (by a signal of the caller's, such as a timer): shall the
	 * replay stop as soon as it can? May be NULL. */
	bool (*interrupted)(void *ctx);
	void *ctx;
	/* Replay this process alone, where that can be. NULL: all. Copied. */
	const struct process_choice *process;
};

/* Why a replay stopped. */
enum stop_why {
	STOP_PAUSE,    /* the request's time was over, or `interrupted` said so */
	STOP_POSITION, /* it is at the position that was asked for */
	STOP_STEP,     /* the task has made its instruction */
	STOP_BREAK,    /* addr: the breakpoint */
	STOP_WATCH,  /* addr: the watched address; code: enum watch_kind; the instruction that did it is done
		      */
	STOP_CALL,   /* a system call starts; code: its number */
	STOP_RETURN, /* one is over; code: its number; flags: 1: it was a vfork that waited for the child */
	STOP_SIGNAL, /* a signal is about to be delivered; si */
	STOP_FORK,   /* a process or a thread has come to be; code: its task id; flags: of clone */
	STOP_VFORK_DONE, /* a task goes on that has waited until its child ran another program or ended */
	STOP_EXEC,	 /* a process runs another program */
	STOP_EXIT,	 /* a task is about to end; code: wait status; flags: EXIT_LAST, EXIT_KILLED */
	STOP_END,	 /* the recording ends here; code: the wait status, or -1: it was cut short */
	STOP_DIVERGED,	 /* the replay differs from the recording; text */
	STOP_FAILED,	 /* it cannot go on; text */
};

/* EXIT_LAST: its process ends too. EXIT_KILLED: a signal ends the process, and this is the first task to go.
 */
enum { EXIT_LAST = 1, EXIT_KILLED = 2 };

struct stop {
	enum stop_why why;
	int32_t tid, tgid; /* recorded ids; 0 where there is none */
	struct position at;
	uint64_t addr, flags;
	int64_t code;
	siginfo_t si;
	/* With STOP_POSITION: there was another reason to stop right there; `code` and the rest are its. */
	bool also;
	enum stop_why other;
	/* Where the request counts: where the instruction began that led here, or that there was none. */
	struct position began;
	bool none;
	const char *text; /* owned by the replay, until the next request */
};

/* Kinds of stops that a request may ask for besides the end and failures. */
enum stop_mask {
	WANT_SIGNALS = 1,
	WANT_FORKS = 2, /* and the ends of vforks */
	WANT_EXECS = 4,
	WANT_EXITS = 8,
};

struct request {
	const struct position *until; /* stop there; NULL: anywhere */
	int32_t step;		      /* task that makes one instruction; 0: none */
	int32_t count;		      /* with `until`: this task by single instructions, which are counted */
	bool blind;		      /* with `until`: breakpoints and catchpoints on the way do not stop */
	unsigned want;		      /* enum stop_mask */
	uint64_t slice_ns; /* stop with STOP_PAUSE after about so long, where that can be; 0: never */
};

/* Open a trace. NULL with the error text. */
struct replay *replay_open(const struct replay_options *opt);
/* Go on as `q` says, and say in *stop why it does not any more. */
void replay_resume(struct replay *s, const struct request *q, struct stop *stop);
void replay_close(struct replay *s);

const struct trace_meta *replay_meta(const struct replay *s);
/* The last event of the trace, and the last one that was replayed. */
uint64_t replay_last_event(const struct replay *s);
uint64_t replay_event(const struct replay *s);
/* The process that was chosen, and the events that it takes; NULL where none was. */
const struct alone *replay_alone(const struct replay *s);
/* Where the replay is. */
struct position replay_position(const struct replay *s);
/* The task that goes on next, 0: none is left. */
int32_t replay_current(struct replay *s);

struct replay_counts {
	uint64_t events, stops, checks;
	uint64_t visits, steps; /* stops at breakpoints, and after single steps of the processor's */
};
struct replay_counts replay_counts(const struct replay *s);

/* --- breakpoints, watchpoints, catchpoints --- */

/* Stop process `tgid` (0: any) before it executes the instruction at `addr`. */
void replay_break(struct replay *s, int32_t tgid, uint64_t addr);
void replay_unbreak(struct replay *s, int32_t tgid, uint64_t addr);
/* Asked at each arrival: shall the replay stop there? NULL: always. */
void replay_condition(struct replay *s, bool (*stops)(void *ctx, int32_t tid, uint64_t addr), void *ctx);
/* Machine code that is evaluated in the task in place of the condition, as far as that can be: where it
 * yields 0 nobody needs to be asked (replay/bypass.h). `len` 0: there is none. Copied. */
void replay_break_code(struct replay *s, int32_t tgid, uint64_t addr, const uint8_t *code, size_t len);
enum watch_kind { WATCH_WRITE, WATCH_READ, WATCH_ACCESS };
#define WATCH_MAX (1ull << 22)
/* Stop process `tgid` behind an instruction or an event that changes any of `len` (at most WATCH_MAX) bytes
 * at `addr`, or (READ, ACCESS) behind an instruction of its own that reads them, or touches them. 0 or -1. */
int replay_watch(struct replay *s, int32_t tgid, enum watch_kind kind, uint64_t addr, uint64_t len);
void replay_unwatch(struct replay *s, int32_t tgid, enum watch_kind kind, uint64_t addr, uint64_t len);
/* Forget all watchpoints of a process. */
void replay_unwatch_all(struct replay *s, int32_t tgid);
/* Stop at the start and the end of these system calls: bit `nr` of 512; NULL: of none. */
void replay_catch(struct replay *s, const uint8_t calls[64]);

/* The same for the same breakpoints, watchpoints and catchpoints, in whatever order they were set; what
 * conditions say is not looked at. */
uint64_t replay_stops_key(const struct replay *s);

/* --- what the program sees: its own addresses, its own code --- */

/* Registers of a task, as the program would find them. 0 or -1. */
int replay_regs(struct replay *s, int32_t tid, regs_t *r);
/* The extended registers in the standard format: bytes, or -1. */
ssize_t replay_xstate(struct replay *s, int32_t tid, void *out, size_t cap);
/* Read memory of the task's process: bytes, short where nothing is mapped. */
size_t replay_read(struct replay *s, int32_t tid, uint64_t addr, void *out, size_t len);
/* The end of the mapping that holds `addr`, as far as it can be read; `addr`: nothing is there. */
uint64_t replay_mapped_until(struct replay *s, int32_t tid, uint64_t addr);
/* The mappings of its process, without ours. */
const struct space *replay_space(struct replay *s, int32_t tid);
/* A checksum of all private memory of the task's process, as recorded. 0 or -1. */
int replay_sum(struct replay *s, int32_t tid, uint64_t *sum);

/* Open the file that the task's process has mapped under this name, as it was recorded: a descriptor
 * that the caller closes, or -1 and errno. */
int replay_file(struct replay *s, int32_t tid, const char *name);

struct task_view {
	int32_t tid, tgid;
	bool in_call, dead;  /* dead: a leader that has ended before its threads */
	const char *exe;     /* what the process executes; owned by the replay */
	const uint8_t *auxv; /* as it was at its exec */
	size_t auxv_len;
};
/* Walk the tasks: start with *i = 0; false at the end. */
bool replay_tasks(struct replay *s, size_t *i, struct task_view *out);
bool replay_task_view(struct replay *s, int32_t tid, struct task_view *out);

/* --- checkpoints --- */

struct checkpoint;
/* Keep the state, by forks of all tasks. NULL with the error text; it cannot be done in the middle of
 * a search for a moment. */
struct checkpoint *replay_checkpoint(struct replay *s);
/* Put the replay back there; the checkpoint stays. 0 or -1. */
int replay_restore(struct replay *s, const struct checkpoint *c);
void checkpoint_free(struct checkpoint *c);
const struct position *checkpoint_position(const struct checkpoint *c);
/* Memory that it holds, in bytes; what it shares with others counts in part. */
uint64_t checkpoint_bytes(const struct checkpoint *c);
/* Memory that the replayed processes have touched first since they were forked, about: so much more the
 * checkpoints hold. It begins anew where a checkpoint is gone to. */
uint64_t replay_touched(const struct replay *s);

/* --- diversions: what was not recorded, in copies that are thrown away --- */

/* From now on all that is asked and changed is that of copies of all tasks, which stand where the replay is.
 * Until replay_rejoin nothing goes on in the recording. 0 or -1; there may be a diversion already. */
int replay_divert(struct replay *s);
bool replay_diverted(const struct replay *s);
/* Throw the copies away, if there are any. */
void replay_rejoin(struct replay *s);

/* Only in a diversion. Registers as replay_regs shows them (orig_rax is not set). 0 or -1. */
int replay_set_regs(struct replay *s, int32_t tid, const regs_t *r);
int replay_set_xstate(struct replay *s, int32_t tid, const void *in, size_t len);
/* Bytes written, short where nothing is mapped. Read-only memory is written too. */
size_t replay_write(struct replay *s, int32_t tid, uint64_t addr, const void *in, size_t len);
/* A task whose rip or rsp is another one than where the diversion began, `first` if it is one; 0: none. */
int32_t replay_elsewhere(struct replay *s, int32_t first);
/* Let one task run, or make one instruction, while all others stand still. STOP_BREAK, STOP_STEP, STOP_PAUSE
 * (also where it would wait for ever), STOP_SIGNAL (raised; it is not delivered), STOP_END (its process has
 * ended itself), STOP_FAILED. Watchpoints and catchpoints do not stop it. */
void replay_run_diverted(struct replay *s, int32_t tid, bool step, struct stop *stop);

#endif

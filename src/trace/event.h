/* The events of a trace, as structs and as bytes (docs/trace-format.md). */
#ifndef TRACE_EVENT_H
#define TRACE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/hmap.h"
#include "task/mapping.h"
#include "task/ptrace.h"

enum ev_kind {
	EV_SYSCALL = 1, /* a call, from its start to its exit; code: the number */
	EV_ENTRY,	/* a call has started; others run before its exit; code: the number */
	EV_EXIT,	/* the call of the last EV_ENTRY ends; code: the number */
	EV_SIGNAL,	/* a handler starts; code: the signal; arg[0]: enum sig_where; arg[2]: the fault's
			   signal, where another one is delivered */
	EV_INSN,	/* an instruction with a recorded result; code: enum insn_kind */
	EV_FORK,	/* a new task; tid: its parent; arg: new tid, new process, clone flags, group */
	EV_EXEC,	/* a new program; arg[0]: the tid before; code: the call */
	EV_TASK_EXIT,	/* a task is gone; code: wait status; arg[0]: 1 if its process is too */
	EV_MEM,		/* memory of a task changes (part of a large effect) */
	EV_START,	/* the first task: its first station is its first exec */
	EV_END,		/* the recording is complete; code: wait status of the first process */
	EV_CHECK,	/* checksums of the task's private pages; code: how many; blob: see checksum.h */
	EV_BUFFER,	/* buffered calls; blob: records (runtime/shared.h); arg[0]: 1: a station follows */
	EV_SAFEPOINT,	/* a task is interrupted in its code; code: enum safe_where */
	EV_STOP, /* its tracer stops it, at a fault or before a call; code: the signal; arg[0]: enum sig_where
		  */
	EV_KIND_MAX
};

enum sig_where {
	SIG_AT_STATION,	  /* right where the task's last event left it */
	SIG_AT_ENTRY,	  /* at the next system call, before it runs */
	SIG_AT_FAULT,	  /* at the fault that its next user code raises */
	SIG_AT_SAFEPOINT, /* at the safepoint that `ticks` tells */
};

enum safe_where {
	SAFE_TICKS,  /* at the safepoint that `ticks` tells, and arg[0] single steps beyond */
	SAFE_MOMENT, /* after that, in the state that the registers and the blob (task/moment.h) tell */
};

enum insn_kind { INSN_RDTSC, INSN_RDTSCP, INSN_CPUID, INSN_RDRAND, INSN_RDSEED };

enum ev_flag {
	EVF_REGS = 1,	     /* registers after the event (of EV_ENTRY: at the call) */
	EVF_XSTATE = 2,	     /* extended state after the event */
	EVF_OUTPUT1 = 8,     /* the call wrote to what was the recorder's standard output */
	EVF_OUTPUT2 = 16,    /* the same, standard error */
	EVF_INTERRUPTED = 4, /* the call was interrupted and starts again unless a handler runs */
};

enum chunk_kind {
	CH_IN,	/* what the call read: for people, and checked at replay */
	CH_OUT, /* what the kernel wrote at this event */
	CH_OBJ, /* the same, but into a shared object: addr is the offset, obj the object */
};

struct ev_chunk {
	uint8_t kind;
	uint64_t addr, obj;
	uint32_t len;
	const uint8_t *data; /* not owned */
};

enum ev_opcode {
	OP_MAP,	       /* `map` comes into being */
	OP_UNMAP,      /* a: start, b: end */
	OP_PROTECT,    /* a: start, b: end, c: prot */
	OP_MOVE,       /* a: old, b: old length, c: new, d: new length, e: mremap flags */
	OP_ADVISE,     /* a: start, b: end, c: advice */
	OP_OBJSIZE,    /* a: object, b: its size now */
	OP_STACKLIMIT, /* a: RLIMIT_STACK, soft */
	OP_OBJGONE,    /* a: object, which nobody maps any more; its identity does not come again */
	OP_MAX
};

struct ev_op {
	uint8_t op;
	uint64_t a, b, c, d, e;
	struct mapping map;
};

struct event {
	uint64_t seq;
	uint32_t group;
	uint8_t kind, flags;
	int32_t tid;
	int64_t code;
	int64_t arg[4];
	uint64_t ticks; /* safepoints that the task has passed since its last event */
	regs_t regs;
	VEC(struct ev_chunk) chunks;
	VEC(struct ev_op) ops;
	const uint8_t *xstate, *blob; /* not owned; blob of EV_EXEC: command line, NUL separated */
	size_t xstate_len, blob_len;
};

/* Bytes of one event's data that the recorder keeps in one event; more goes into
 * EV_MEM events before it. */
#define EVENT_DATA_MAX (4u << 20)

/* What encoding and decoding remember inside one frame: events are coded as
 * differences to earlier ones of the frame, and frames stand alone. */
struct ev_codec {
	uint64_t seq;
	struct hmap regs; /* tid -> regs_t, owned */
};

void codec_reset(struct ev_codec *c);
void event_encode(struct buf *b, struct ev_codec *c, const struct event *ev);
/* Decode one event; its pointers point into the reader's bytes. `ev` is reused:
 * its arrays are emptied first and stay owned by it. 0, or -1 (malformed). */
int event_decode(struct rd *r, struct ev_codec *c, struct event *ev);
void event_reset(struct event *ev);
void event_free(struct event *ev);

void event_chunk(struct event *ev, uint8_t kind, uint64_t addr, const void *data, size_t len);
struct ev_op *event_op(struct event *ev, uint8_t op);

/* Does the task of this event run to it by itself? */
bool event_runs(const struct event *ev);
/* It only prepares or checks something: its task goes on from the event before. */
bool event_only_prepares(const struct event *ev);

const char *event_kind_name(uint8_t kind);

#endif

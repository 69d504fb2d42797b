/* Programs that trace others (docs/how-it-works.md). The kernel knows one tracer of a task, the recorder.
 * What ptrace does between two recorded tasks is kept here, and done by the recorder. */
#ifndef RECORD_TRACED_H
#define RECORD_TRACED_H

#include "record/session.h"

/* Where a task stands that its tracer has stopped, and so how it goes on. */
enum traced_place {
	TRACED_STATION,	   /* at a station */
	TRACED_CALL_START, /* before a call, in the stop that seccomp makes */
	TRACED_IN_CALL,	   /* in a fork or clone, after the child was made */
	TRACED_EXITING,	   /* in its exit stop */
	TRACED_GROUP,	   /* stopped by job control */
};

/* What a tracee has stopped for, as PTRACE_GETSIGINFO and PTRACE_GET_SYSCALL_INFO tell it apart. */
enum traced_why { WHY_SIGNAL, WHY_CALL_START, WHY_CALL_END, WHY_EVENT, WHY_GROUP };

/* A task that is traced by another. Owned by its rtask. */
struct traced {
	struct rtask *tracer;
	bool seized;
	bool child; /* the tracer's process is its real parent: the kernel tells that of its end */
	uint64_t options;
	bool stopped, listens;
	bool told; /* its tracer has waited for this stop */
	enum traced_place place;
	enum traced_why why;
	uint64_t since;	   /* number of the stop: the first is told first */
	int code;	   /* of the stop, as in a wait status: signal and event << 8 */
	unsigned long msg; /* PTRACE_GETEVENTMSG */
	siginfo_t si;	   /* of the stop */
	int64_t nr;	   /* orig_rax that it shows; -1: it is in no call */
	int how;	   /* the request that resumed it last */
	siginfo_t inject;  /* the signal to be delivered when it goes on; si_signo 0: none */
	bool stop_due;	   /* PTRACE_INTERRUPT, or the first stop of a child that is traced from the start */
	bool start_told;   /* it has stopped at the start of the call that it is about to make */
	bool filter_told; /* it has stopped for that call because a filter of the program says so */
	bool exit_told;
	bool exec_due, vfork_due; /* events, at the next station */
	unsigned long exec_msg;
	bool born; /* its first stop is to come */
	uint64_t dr[8];
};

/* --- tracedstate.c, tracedstop.c: stops of a tracee, and how it goes on --- */
struct traced *traced_new(struct rtask *t, struct rtask *tracer, bool seized, uint64_t options);
/* Stop `t`, which stands at `place`: `code` is told to its tracer. */
void traced_stop(struct recorder *s, struct rtask *t, enum traced_place place, enum traced_why why, int code);
/* Let `t` go on after its stop. */
void traced_go_on(struct recorder *s, struct rtask *t);
/* Bring `t`, for which a stop is due, to a station soon. */
void traced_hurry(struct rtask *t);
/* `t` is traced no longer. */
void traced_end(struct recorder *s, struct rtask *t);

/* --- tracewait.c --- */
uid_t task_uid(pid_t tid);
/* `t` has stopped: tell its tracer's process. */
void tracewait_report(struct recorder *s, struct rtask *t);

/* --- traceview.c: registers and memory as a tracer sees them --- */
/* 0 or -ESRCH. */
int traceview_regs(const struct rtask *t, regs_t *r);
/* Set registers: what differs from *r as traceview_regs gave it. 0 or -errno. */
int traceview_set_regs(struct recorder *s, struct rtask *t, const regs_t *r);
/* Extended registers of `t` have been set: put that on record. */
void traceview_log_xstate(struct recorder *s, struct rtask *t);
size_t traceview_read(struct recorder *s, struct rtask *t, uint64_t addr, uint8_t *out, size_t len);
/* 0 or -errno. */
int traceview_write(struct recorder *s, struct rtask *t, uint64_t addr, const uint8_t *data, size_t len);

#endif

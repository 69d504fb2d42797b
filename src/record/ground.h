/* What the lower files of this folder offer the others: tasks, turns, signals, the buffer, the call that a
 * task is in. */
#ifndef RECORD_GROUND_H
#define RECORD_GROUND_H

#include "record/action.h"
#include "record/state.h"

/* Stop recording because of a failure; the reason is err_msg(). */
static inline void rec_fail(struct recorder *s)
{
	s->failed = true;
}

/* --- tick.c: the timer --- */
/* Has the recorder's timer (a hundred times a second) ticked since the last question? */
bool rec_tick_due(void);
/* Let it tick every `us` for the thread that calls. 0, or -1 and errno. */
int tick_start(struct recorder *s, long us);
void tick_stop(struct recorder *s);

/* --- tasks.c --- */
struct rtask *task_find(struct recorder *s, pid_t tid);
/* Some live task of `mm` other than `not`, or NULL. */
struct rtask *task_of_mm(struct recorder *s, const struct rmm *mm, const struct rtask * not );
/* Walk the address spaces, each by one live task of it: start with *i = 0; NULL at the end. */
struct rtask *task_next_mm(struct recorder *s, size_t *i);
/* `t`, of no address space so far, becomes one of this; and leaves it (which stays until mm_put). */
void task_join_mm(struct rtask *t, struct rmm *mm);
void task_leave_mm(struct rtask *t);
/* Has it been killed, or begun to exit, as far as we know? */
bool task_dying(const struct rtask *t);

/* --- counter.c: the counter of safepoints --- */
/* Does the code of `t` count? */
bool safepoint_counts(const struct rtask *t);
/* `t`, whose code counts, has come to zero: nobody wants another trap for now. */
void safepoint_far(struct rtask *t);
/* Let the counter of a new program, in the event being built, begin. */
void safepoint_new_program(struct recorder *s);
/* We cannot reach the counter of `t`, whose text counts: nothing will trap. */
void safepoint_never(struct rtask *t);
/* `t` is about to run where another task of its address space may have run. */
void safepoint_enter(struct rtask *t);
/* With record --chaos: `t` may pass so many safepoints now. */
void safepoint_limit(struct rtask *t, uint64_t passes);
/* Make the next safepoint of `t`, which may be running, trap, or one soon after where a handler has
 * just returned. Now and then that is lost: ask again at the next tick. */
void safepoint_arm(struct rtask *t);
/* Passes of `t` since its last event, from now on counted anew. */
uint64_t safepoint_take(struct rtask *t);
/* They belong to another event after all. */
void safepoint_give_back(struct rtask *t, uint64_t n);

/* --- codemap.c --- */
/* The next range that ends after `addr` and holds such code, beside other memory perhaps. False: none. */
bool fetch_next(const struct rmm *mm, uint64_t addr, uint64_t *lo, uint64_t *hi);

/* --- drain.c: calls in the buffer, on record --- */
/* What the calls in the buffer have changed is known from now on; they go on record later. */
void buffer_note(struct recorder *s, struct rmm *mm);
/* Put the calls in the buffer on record. */
void buffer_drain(struct recorder *s, struct rmm *mm);
/* Learn what `t` blocks, if a buffered call has changed that. */
void buffer_note_mask(struct rtask *t);

/* --- bufstate.c: what the runtime and the recorder tell each other --- */
void buffer_release(struct recorder *s, struct rmm *mm);
/* `t` is about to run user code. */
void buffer_enter(struct recorder *s, struct rtask *t);
/* Ask for a stop at the next call. */
void buffer_want_stop(struct rtask *t);
/* The images or scratch areas in `mm` are others now. */
void buffer_note_own(struct rmm *mm);
/* `t` stopped with registers `r` in the runtime's code. */
bool buffer_inside(const regs_t *r);
/* Did the task stop, with registers `r`, in a call of the runtime that waited for something? It has had no
 * effect: the task may leave it by buffer_unwind, and others may go on during the traced call. */
bool buffer_waits(const regs_t *r);
/* Any descriptor may be something else now. */
void buffer_forget_fds(struct rmm *mm);
/* A descriptor of `t`, which is stopped in a call, is known to be of this class. */
void buffer_fd_class(struct rtask *t, int fd, enum fd_class class);
/* After a traced call: descriptors may be something else now. */
void buffer_note_call(struct rtask *t);

/* --- sigstate.c: signals of a task --- */
/* At a station: go on to the job-control stop that was put off. It is still in effect, and
 * reported again before anything else happens. */
struct action stop_put_off(struct rtask *t);
/* Is the trap of a single step pending? */
bool signal_step_pending(const struct rtask *t);
/* Is a signal pending that the program does not block? */
bool signal_pending(struct rtask *t);
/* Is one held that the program does not block? */
bool signal_held(const struct rtask *t);
/* The actions for signals may have changed in the processes that share t's memory. */
void interrupt_note_actions(struct rtask *t);
/* After a call that may have changed what the task blocks or how it handles signals. */
void signal_note_call(struct rtask *t, int64_t result);
/* An instruction of ours trapped with `sig`. The kernel forces such signals: if the
 * program blocks or ignores it, it was unblocked and its action reset. Put that back. */
void signal_undo_force(struct rtask *t, int sig);
/* At any stop: the task's mask is its own again, should signals have been shut out. */
void signal_open(struct rtask *t);
/* The stop in t->status is that of a signal with a handler: keep it for the next station, as if it
 * had not come. */
bool signal_keep(struct rtask *t);

/* --- step.c: one task alone, up to its next stop --- */
/* Wait until `t` itself reports; its status is in t->status. 0, or -ESRCH: gone. */
int sched_wait_for(struct recorder *s, struct rtask *t);
/* Where `t` is at the start of a call that is skipped, let it come to the end of that: a single step from
 * there ends in a trap (TRAP_BRKPT) before the program's next instruction, ahead of pending signals, but
 * behind other stops, and would be taken for the program's own. 0; -1: something else has stopped it, which
 * waits in t->status, or it is gone. */
int stop_leave_skipped(struct recorder *s, struct rtask *t);
/* Let `t` make one instruction; its registers are *r before and after. 1: done; 0: it cannot be
 * stepped; -1: something else has stopped the task, which waits in t->status, or it is gone. */
int stop_single_step(struct recorder *s, struct rtask *t, regs_t *r);
/* The same, whatever the instruction. */
int stop_step_any(struct recorder *s, struct rtask *t, regs_t *r);
/* As stop_single_step, but signals that can wait do. */
int stall_step(struct recorder *s, struct rtask *t, regs_t *r);

/* --- groups.c: turns --- */
void sched_ready(struct recorder *s, struct rtask *t);
/* Take `t` out of the queue. */
void sched_unqueue(struct recorder *s, struct rtask *t);
void sched_forget(struct recorder *s, struct rtask *t);
/* Group `from` becomes part of group `to`. */
void sched_join(struct recorder *s, uint32_t from, uint32_t to);
/* Has one of them run user code that is not on record yet? Only where groups have joined can
 * that be while `t` has its turn. */
bool sched_behind(struct recorder *s, const struct rtask *t);
/* Does another task of t's group run user code, or is about to? */
bool sched_busy(struct recorder *s, const struct rtask *t);
/* Is it another task's turn, if `t` is at a station? */
bool sched_turn_over(struct recorder *s, struct rtask *t);
/* Queue `t`, which is at a station. */
void sched_set_aside(struct recorder *s, struct rtask *t);

/* --- resume.c --- */
/* Resume `t`, which becomes `state`. A task that was killed becomes TS_EXITING. */
void sched_resume(struct recorder *s, struct rtask *t, int request, int sig, enum task_state state);

/* --- wait.c --- */
/* Wait for a task to report and queue it. 0: nothing to report (WNOHANG, or a timer
 * tick); 1: some task did; -1: no tasks. */
int sched_wait(struct recorder *s, int flags);
/* `t` has just been let into a call whose effects others must not overtake: wait until it
 * is out of it, or really blocks, and let it be the next to go on. */
void sched_settle(struct recorder *s, struct rtask *t);

/* --- callstate.c: the call that a task is in --- */
/* Reader of t's memory that sees redirected regions where the kernel wrote them. */
size_t call_read(void *ctx, uint64_t addr, void *out, size_t len);
/* At the exit, before results are put where the program wanted them: replace one. */
void call_write(struct rtask *t, uint64_t addr, const void *data, size_t len);
/* At the start of a call that a remote call has displaced: `t` makes it again. */
struct action call_restart(struct rtask *t);
/* At the exit of a call that has had no effect: `t` makes it again, as a part of the same call. */
struct action call_again(struct rtask *t);

/* --- callend.c --- */
/* The call of `t`, which has stopped with registers *r, has ended with `result`: put it on record,
 * and set the registers. 0, or -1: the task is gone, or the recording has failed. */
int call_end(struct recorder *s, struct rtask *t, regs_t *r, int64_t result);

/* --- memstart.c --- */
/* Start of a call that maps, unmaps or changes memory. */
enum disposition memory_start(struct recorder *s, struct rtask *t, struct call *c);

/* --- filterlist.c --- */
void ownfilter_put(struct own_filter *f);
/* `to`, new or a thread of the same process, gets what `from` has. */
void ownfilter_inherit(struct rtask *to, const struct rtask *from);
/* Calls that t's filters allow in any case, by number: FILTERED_WORDS words. NULL: it has none. */
const uint64_t *ownfilter_passes(const struct rtask *t);

/* --- deliver.c: signals reach the program --- */
/* At the start of a call: if a held signal is to be delivered first, the call has not begun then. */
struct action signal_at_entry(struct recorder *s, struct rtask *t);
/* At a station or a safepoint (`where`): deliver what is held. */
struct action signal_at_station(struct recorder *s, struct rtask *t, enum sig_where where);
/* Give `t`, at a signal, the program's addresses in place of those of stubs: handlers see them in their
 * frames, and debuggers in core files. */
void signal_show_app(struct rtask *t);
/* Take the first held signal that may be delivered at a station now. */
bool signal_take(struct rtask *t, siginfo_t *si);

#endif

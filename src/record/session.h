/* What the files of this folder offer each other, beyond what ground.h has. */
#ifndef RECORD_SESSION_H
#define RECORD_SESSION_H

#include "record/ground.h"

/* --- ending.c: signals to the recorder --- */
/* From now on SIGTERM, SIGINT and SIGHUP end the recording within two seconds. */
void ending_start(struct recorder *s);
/* Now and then: pass on such a signal to the command. */
void ending_tick(struct recorder *s);
/* No task is left. */
void ending_over(struct recorder *s);

/* --- leftover.c: processes that the first one has left behind --- */
/* At each tick: end them, if all of them wait or have run for too long. */
void leftover_tick(struct recorder *s);
/* `t` is at a station, and about to be resumed: end its process there, if that is due. */
void leftover_station(const struct recorder *s, const struct rtask *t);

/* --- task.c --- */
struct rtask *task_new(struct recorder *s, pid_t tid, struct rproc *p, struct rmm *mm);
void task_free(struct recorder *s, struct rtask *t);
struct rmm *mm_new(struct recorder *s);
struct rmm *mm_fork(struct recorder *s, const struct rmm *from);
void mm_put(struct recorder *s, struct rmm *mm);

/* --- log.c: events --- */
/* Begin the event that `s->ev` holds. */
struct event *log_begin(struct recorder *s, struct rtask *t, uint8_t kind, int64_t code);
void log_regs(struct recorder *s, const regs_t *r);
/* Add memory [addr, addr+len) of `t` as it is now, as written by the kernel. Large
 * pieces go to events of their own before this one. Read from `from`. */
void log_memory(struct recorder *s, struct rtask *t, uint64_t addr, uint64_t len, uint64_t from);
void log_put(struct recorder *s);
/* With record --verify: what the memory of `t` is now, unless somebody is changing it. */
void log_checksum(struct recorder *s, struct rtask *t);
/* Put the event being built aside, to write others before it; and take it up again. */
struct log_aside {
	struct event ev;
	struct rmm *mm;
	size_t bytes;
	VEC(void *) held;
};
struct log_aside log_aside(struct recorder *s);
void log_resume(struct recorder *s, struct log_aside *a);
/* The start of t's call must be on record before what is about to be written: if it is
 * not, write it, and make the event being built the call's exit. */
void log_force_entry(struct recorder *s, struct rtask *t);
/* Write the EV_ENTRY of the call `t` is in, unless it is written. */
void call_log_entry(struct recorder *s, struct rtask *t);
/* Add what the call reads, as it was at its start, to the event being built. */
void log_in(struct recorder *s, struct rtask *t);
/* The bytes live until log_put. */
void *log_alloc(struct recorder *s, size_t n);

/* --- sched.c --- */
void sched_run(struct recorder *s);

/* --- stops.c --- */
/* Handle the stop that `t` has reported, or let it go on from its station. The only place that resumes it
 * (resume.c), but for the steps and calls on the way. */
void stop_handle(struct recorder *s, struct rtask *t);

/* --- passes.c: what changes each time that a task comes by --- */
struct pass_words {
	uint64_t at[MOMENT_WORDS]; /* addresses */
	unsigned n;
};
/* `t`, stopped with registers *r, comes by the same place a few times more: find words of memory
 * that tell these times apart, if the registers and what they point to do not. 1: it is there
 * again; 0: it is elsewhere, with registers *r; -1: something else has stopped it, as in
 * stop_single_step. */
int passes_learn(struct recorder *s, struct rtask *t, regs_t *r, struct pass_words *w);

/* --- stall.c: tasks that pass no safepoints --- */
/* `waiting` others, or a signal, want `t` to stop, and it runs: if they have waited for long
 * (since when, in ns; 0: not known), interrupt it. Called at each tick of the timer. */
void stall_look(struct recorder *s, struct rtask *t, unsigned waiting, uint64_t since);
/* Why `t` has not been interrupted; static text. */
const char *stall_why_not(const struct rtask *t);
/* Nobody waits for `t` any more. */
static inline void stall_over(struct rtask *t)
{
	t->wanted_since = 0;
}
/* `t` has been interrupted. */
struct action stall_stop(struct recorder *s, struct rtask *t);

/* --- calls.c --- */
struct action call_entry(struct recorder *s, struct rtask *t);
struct action call_exit(struct recorder *s, struct rtask *t);

/* --- ownfilter.c: seccomp filters that programs install --- */
/* What becomes of a call that a program's own filters have been asked about. */
struct verdict {
	enum {
		VERDICT_PASS,	/* it is made */
		VERDICT_RESULT, /* it is not made: `result` */
		VERDICT_TRAP,	/* it raises SIGSYS; the kernel does it, resumed at `ip` */
		VERDICT_KILL,	/* it ends the task or process, likewise */
		VERDICT_NOTIFY, /* a listener answers it, likewise */
		VERDICT_STRICT, /* it ends the task, which is in strict mode */
		VERDICT_TRACE,	/* the task stops for its tracer, which gets `result` as the event's message */
	} kind;
	int64_t result;
	uint64_t ip;
};
/* `t` is at the start of a call, which t->regs and t->nr tell. */
struct verdict ownfilter_ask(struct rtask *t);
/* Set the instruction pointer of a verdict, with which `t`, at the start of a call, is to go on. 0 or -errno.
 */
int ownfilter_answer(struct rtask *t, uint64_t ip);
/* The result that a notified call ends with where the listener wants it to be made: the recorder lets
 * the program make it again, as a call like any other. */
#define NOTIFY_CONTINUE (-0x5e15)
/* Start and exit of an ioctl, which may be a listener's. At the exit what it wrote is put right. */
void ownfilter_ioctl_start(struct rtask *t, struct call *c);
void ownfilter_ioctl_exit(struct recorder *s, struct rtask *t, int64_t result);
/* At any stop: `t` gets its own instruction pointer back. */
void ownfilter_stopped(struct rtask *t);
/* Start and exit of seccomp, or prctl PR_SET_SECCOMP. */
enum disposition ownfilter_start(struct recorder *s, struct rtask *t, struct call *c);
void ownfilter_exit(struct recorder *s, struct rtask *t, int64_t result);

/* --- tracer.c: requests of ptrace --- */
enum disposition tracer_start(struct recorder *s, struct rtask *t, struct call *c);

/* --- traced.c: tasks that another recorded task traces. All are without effect on others. --- */
/* What a filter's question to the tracer is: 0: nobody answers it; 1: to be asked; 2: asked already, for this call. */
int traced_asks_filter(const struct rtask *t);
/* At the start of a call: stop `t` if a filter of its program asks the tracer. */
struct action traced_filter_stop(struct recorder *s, struct rtask *t);
/* Is there something to be done for t's tracer at the next station? */
bool traced_due(const struct rtask *t);
/* Do it: `t`, at a station, has its turn. */
struct action traced_station(struct recorder *s, struct rtask *t);
/* `t`, which is traced, stops for a signal; `where` it is. */
struct action traced_signal(struct recorder *s, struct rtask *t, const siginfo_t *si, enum sig_where where);
/* At the start of a call, with its registers in t->regs. */
struct action traced_call_start(struct recorder *s, struct rtask *t);
/* Call `nr` has ended, with t->result. */
void traced_call_ended(struct rtask *t, int64_t nr);
/* A fork: does its event stop the parent? And what the child begins with. */
bool traced_event(struct recorder *s, struct rtask *t, int event, unsigned long msg);
void traced_fork(const struct rtask *t, struct rtask *child, int event);
/* Is this the first stop of such a child? Once. */
bool traced_born(struct rtask *t);
/* In the exit stop: true: it stays there for its tracer. */
bool traced_exiting(struct recorder *s, struct rtask *t, int status);
/* Job control has stopped it, or let it go on. True: its tracer is told, and decides. */
bool traced_group_stop(struct recorder *s, struct rtask *t, int sig);
bool traced_continued(struct recorder *s, struct rtask *t);
/* It has executed a program; its number before. */
void traced_exec(struct rtask *t, unsigned long former);
/* It has reported something by itself: it is not stopped any more. */
void traced_woken(struct rtask *t);
/* The process that traces it, or 0; has it stopped for that one? */
pid_t traced_by(const struct rtask *t);
bool traced_is_stopped(const struct rtask *t);
void traced_tracer_gone(struct recorder *s, struct rtask *tracer);
/* The task whose memory the call of `t`, with registers *r, writes while others of it may run, or NULL. */
struct rtask *traced_written(struct recorder *s, const struct rtask *t, const regs_t *r);
void traced_free(struct rtask *t);

/* --- tracewait.c: waits of tracers --- */
enum disposition tracewait_start(struct recorder *s, struct rtask *t, struct call *c);
/* Just before the call is let go. */
void tracewait_begin(struct rtask *t);
/* At the exit, with registers *r: it goes on waiting, or (NOT_MINE) *result is the call's. */
struct action tracewait_exit(struct recorder *s, struct rtask *t, regs_t *r, int64_t *result);
/* The SIGCHLD that has come is one that the recorder sent: what it is to say. */
bool tracewait_siginfo(const struct rtask *t, siginfo_t *si);
/* `t` is dead. */
void tracewait_gone(struct recorder *s, struct rtask *t, int status);

/* --- special.c: what calls need beyond their row --- */
/* At the start. Returns the disposition; for DISP_SKIP c->result is set. */
enum disposition special_start(struct recorder *s, struct rtask *t, struct call *c);
/* At the start: what the row says of the call's memory, but for what only the descriptor tells. */
void special_regions(struct rtask *t);
/* Before the effects of a finished call are read: put right what the program must
 * see differently from what the kernel said. */
void special_fix(struct recorder *s, struct rtask *t, int64_t *result);
/* At the exit: adds operations and memory to the event being built. */
void special_exit(struct recorder *s, struct rtask *t, int64_t result);

/* --- undescribed.c: calls of which no table says what they write --- */
/* Before such a call of `t` runs: look at its memory, or give it a copy of a part of it, which
 * becomes a region. 0 or -errno: it must not run. */
int undescribed_start(struct recorder *s, struct rtask *t, const struct call *c);
/* Do others wait for the end of t's call, since all memory is looked at then? */
bool undescribed_holds(const struct rtask *t);
/* At the exit: add what it changed in its copy to `out`. */
void undescribed_written(struct rtask *t, region_list *out);
/* After that: what it has written elsewhere goes to the event being built. */
void undescribed_exit(struct recorder *s, struct rtask *t, int64_t result);
/* At each tick: `waiting` others want to run while t is in such a call. If that lasts, the call
 * is interrupted: nobody would know when it wrote what. */
void undescribed_look(struct recorder *s, struct rtask *t, unsigned waiting);
/* Has that just ended its call, with `result`? Then the program is told that it is not known. */
bool undescribed_cut(const struct rtask *t, int64_t result);
void undescribed_release(struct rtask *t);
/* Tell the user, once, that a call is refused. */
void undescribed_refuse(struct recorder *s, const struct rtask *t, const struct call *c, const char *why);

/* --- policy.c: scheduling policies and processors --- */
/* Make `t`, if the program believes it to be realtime, what it believes, for a moment. */
void policy_tell(struct recorder *s, struct rtask *t);
void policy_untell(struct recorder *s, struct rtask *t);
/* What a new task inherits. */
void policy_fork(struct rtask *child, const struct rtask *parent);
/* At start and exit of a call that sets a policy or asks for one. */
void policy_start(struct recorder *s, struct rtask *t, const struct call *c);
void policy_exit(struct recorder *s, struct rtask *t);
/* The mask that t's program believes in: bytes put into `out`. */
size_t affinity_mask(struct recorder *s, struct rtask *t, uint8_t *out, size_t cap);
enum disposition affinity_get(struct recorder *s, struct rtask *t, struct call *c);
void affinity_start(struct recorder *s, struct rtask *t, struct call *c);
void affinity_exit(struct recorder *s, struct rtask *t, int64_t result);

/* --- output.c --- */
/* EVF_OUTPUT1 or EVF_OUTPUT2 if descriptor `fd` of `t` is the recorder's own standard
 * output or error, that is, the one that the user sees; else 0. */
uint8_t output_flags(struct recorder *s, struct rtask *t, int fd);
/* The descriptor that a call sends data to without the data ever being in the
 * program's memory (sendfile and its kin), or -1. */
int output_silent_fd(int64_t nr, const uint64_t args[6]);
/* The descriptor that a call writes the program's memory to, or -1. */
int output_fd(int64_t nr, const uint64_t args[6]);

/* --- scratch.c --- */
/* Redirect the out-buffers of t's call. 1: the call is to be started again (memory
 * had to be made first); 0: done or not needed; -ESRCH. */
int scratch_redirect(struct recorder *s, struct rtask *t);
/* Does the call write memory that its arguments do not lead to in a way we know (a few ioctls,
 * none of which waits for long)? It stays where it is, and others wait meanwhile. */
bool scratch_cannot(const struct rtask *t);
/* At the exit: put results where the program wanted them, restore its registers. */
void scratch_restore(struct recorder *s, struct rtask *t, regs_t *r, const region_list *written);
/* Give `t` scratch memory of at least `size` bytes, at t->scratch. Results as of scratch_redirect. */
int scratch_room(struct recorder *s, struct rtask *t, uint64_t size);
void scratch_release(struct rtask *t);

/* --- mapwait.c: calls that wait before they write a file that somebody maps --- */
/* Start of a call: it must not wait while others wait for it. */
void mapwait_start(struct rtask *t, struct call *c);
/* Before that: if `t` is to wait first, where others need not wait for it. */
struct action mapwait_poll(struct recorder *s, struct rtask *t);
/* The task waits in its call: interrupt that. */
void mapwait_cut(struct rtask *t);
/* Exit: true if `t` has been resumed to make its call again; else *r and *result are the call's. */
struct action mapwait_exit(struct rtask *t, regs_t *r, int64_t *result);

/* --- own.c --- */
/* The first range of `mm` that ends after `addr` and holds something of the recorder's: the
 * runtime, stubs of images, scratch memory. False: there is none. */
bool own_next(const struct rmm *mm, uint64_t addr, uint64_t *lo, uint64_t *hi);
bool own_holds(const struct rmm *mm, uint64_t addr);
/* Start of a call that changes the address space, with arguments c->args: where its range holds
 * something of ours, do for the program what the kernel would do if that were not there. */
enum disposition own_start(struct recorder *s, struct rtask *t, struct call *c);

/* --- memory.c --- */
/* Exit of any call: the result that the program gets. */
int64_t memory_fix(struct recorder *s, struct rtask *t, int64_t result);
void memory_exit(struct recorder *s, struct rtask *t, int64_t result);

/* --- mapped.c --- */
/* Remember that this mapping's file is mapped by someone. */
void memory_note_file(struct recorder *s, uint64_t dev, uint64_t ino);

/* --- planted.c: instructions that trap where they stand --- */
struct site;
/* Before some are added: those that are gone with their mapping are forgotten now and then. */
void planted_begin(struct rmm *mm);
void planted_add(struct rmm *mm, uint64_t addr, const struct site *site);
/* Is one at `addr`? Its offset is not kept. */
bool planted_at(const struct rmm *mm, uint64_t addr, struct site *out);
void planted_remove(struct rmm *mm, uint64_t addr);
void planted_copy(struct rmm *to, const struct rmm *from);

/* --- fetch.c: code made at run time --- */
/* Start of a call that changes the address space: it tells the kernel nothing of PROT_EXEC then. */
void fetch_start(struct recorder *s, struct rtask *t, struct call *c);
/* What the program believes of the protection that the kernel has for `addr`, after a call that failed half
 * way. */
uint32_t fetch_prot(const struct rtask *t, uint64_t addr, uint32_t prot);
/* Something was mapped at [start, end), or got another protection, by t's call. */
void fetch_mapped(struct recorder *s, struct rtask *t, uint64_t start, uint64_t end);
/* What was there is no longer. */
void fetch_gone(struct rmm *mm, uint64_t start, uint64_t end);
/* What was at [from, from + len) is at `to` now. */
void fetch_moved(struct rtask *t, uint64_t from, uint64_t len, uint64_t to);
/* The kernel, or we, are about to write there. True: `t` has made calls because of that. */
bool fetch_written(struct recorder *s, struct rtask *t, uint64_t addr, uint64_t len);
/* The same for a file. */
bool fetch_file_written(struct recorder *s, struct rtask *t, uint64_t dev, uint64_t ino);
/* Another process is about to write to the memory of `t`, where it likes. */
void fetch_written_by_other(struct rtask *t);
/* Before `t` goes on in its own code: hold what others may have written. */
void fetch_settle(struct recorder *s, struct rtask *t);
/* At the end of a call that has changed the address space. */
void fetch_unshut(struct recorder *s, struct rtask *t);
/* Before an address space ends: has a process written code that is open in another one? Then the user is
 * told. */
void fetch_check(struct recorder *s);
/* Is there memory that the program believes it can write, but the kernel does not let it? */
bool fetch_any_open(const struct rmm *mm);
/* Show the int3s in memory, or what the program wrote there. */
void fetch_show(struct rtask *t, bool planted);
/* A file is being mapped that has suspects (rewrite/suspects.h) at `addr`. */
void fetch_text(struct rmm *mm, uint64_t addr);
/* Is there such code in the mapping at `addr`? *k: that, as the program sees it. */
bool fetch_code(const struct rmm *mm, uint64_t addr, struct kernel_mapping *k);
/* If `t` stopped because of what fetch.c does, deal with that. */
struct action fetch_stop(struct recorder *s, struct rtask *t, int sig, const siginfo_t *si);
void fetch_copy(struct rmm *to, const struct rmm *from);
void fetch_free(struct rmm *mm);

/* --- filewrite.c --- */
/* At the start of a call, from t->regs: does it write to a file that somebody maps, or make one
 * shorter? ACT_WAIT: a task that would see it is running. Or the task has to make the call again. */
struct action filewrite_start(struct recorder *s, struct rtask *t);
/* After the call's event: show what it wrote to those who map the file. */
void filewrite_exit(struct recorder *s, struct rtask *t, int64_t result);

/* --- served.c: file systems that recorded processes serve --- */
/* After t's call: from now on others' calls may wait for what `t` has set up. */
void served_note(struct recorder *s, struct rtask *t, int64_t result);
bool served_file(struct recorder *s, struct rtask *t, int fd);

/* --- late.c: calls that wait for longer than their row says --- */
/* At the start: may others overtake the call of `t` if it waits, its results being redirected? */
bool late_allowed(const struct rtask *t);
/* At a tick, others waiting for `t`: does it wait? */
void late_look(struct rtask *t);
/* What `t` waits for, in words that follow its name; NULL: it runs. */
const char *late_what(const struct rtask *t, char *out, size_t cap);

/* --- memwrite.c: calls that write the memory of other processes --- */
/* At the start of a call, from t->regs, after filewrite_start: does it write the memory of a process?
 * True: that runs now, so the call must wait for its turn. */
bool memwrite_start(struct recorder *s, struct rtask *t);
/* At the exit: add what it wrote to the caller's own memory to the event being built. */
void memwrite_own(struct recorder *s, struct rtask *t, int64_t result);
/* After the call's event: put what it wrote to another's memory on record. */
void memwrite_exit(struct recorder *s, struct rtask *t, int64_t result);

/* --- signals.c --- */
struct action signal_stop(struct recorder *s, struct rtask *t, int sig);
/* `t`, at a station, gets the signal that its tracer lets through. NOT_MINE: it blocks that now. */
struct action signal_raise(struct recorder *s, struct rtask *t, const siginfo_t *si);

/* --- interrupt.c: signals that natively do not interrupt a call --- */
/* `t` is about to be let into its call. */
void interrupt_entry(struct rtask *t);
/* At the exit, with registers *r: has a signal ended the call that natively does not? Then
 * the call goes on; or its time is over, and *result says so. */
struct action interrupt_exit(struct rtask *t, regs_t *r, int64_t *result);
/* At any stop of `t`: is it on the way to its call again? Then it goes on with
 * that; or the call has ended, and the stop is as any other (ACT_NOT_MINE). */
struct action interrupt_stop(struct recorder *s, struct rtask *t, int ev, int sig);
/* Interrupt calls for signals that their process has come to handle meanwhile. */
void interrupt_tick(struct recorder *s);

/* --- safepoints.c --- */
/* With record --chaos, at a station where others go on: let `t` make a few instructions more.
 * ACT_NOT_MINE: it rests there. */
struct action safepoint_beyond(struct recorder *s, struct rtask *t);
/* If `t` stopped, with registers `r`, because a safepoint trapped. */
struct action safepoint_trap(struct recorder *s, struct rtask *t, regs_t *r);

/* --- chaos.c: random schedules --- */
/* A seed of its own is chosen unless one is `given`. */
void chaos_init(struct recorder *s, bool given, uint64_t seed);
/* A slice, in safepoints. */
uint64_t chaos_slice(struct recorder *s);
/* True in one of `n` cases. */
bool chaos_one_in(struct recorder *s, uint32_t n);
/* Is the next call of `t` to be a station? */
bool chaos_stops_call(struct recorder *s, struct rtask *t);
void chaos_new_task(struct recorder *s, struct rtask *parent, struct rtask *t);
/* `t` was interrupted: it may stay so for long. */
void chaos_parked(struct recorder *s, struct rtask *t);
/* Is `t`, which is at a station, kept from running for now? */
bool chaos_hold(struct recorder *s, struct rtask *t);
/* Who is next of those that wait and are runnable, or NULL. */
struct rtask *chaos_pick(struct recorder *s, bool (*runnable)(struct recorder *s, const struct rtask *t));
/* How many instructions `t`, which is at a safepoint, is to make beyond it. */
unsigned chaos_steps(struct recorder *s, const struct rtask *t);

/* --- buffer.c: calls that the runtime handles --- */
/* Make what all tracees share. Where that fails nothing is buffered. */
void buffer_init(struct recorder *s);
/* Map code and data of the runtime into a new program. `at`: a `syscall` instruction of
 * it; `room`: 64 bytes that may be written for now. 0, or -errno. */
int buffer_exec(struct recorder *s, struct rtask *t, uint64_t at, uint64_t room);
/* Give a forked task data pages of its own. */
void buffer_fork(struct recorder *s, struct rtask *parent, struct rtask *child);
/* A call of the runtime cannot be finished there (a pointer of the program's was bad, or it waits): the
 * task goes on to the traced call. */
struct action buffer_unwind(struct rtask *t);

/* --- procmaps.c --- */
/* After t's call opened `fd`: if it lists mappings, what is ours is left out. */
void procmaps_open(struct recorder *s, struct rtask *t, int64_t fd);

/* --- procstatus.c --- */
/* The task that a file of /proc tells of, by its path, or NULL. */
struct rtask *procmaps_task(struct recorder *s, const char *path);
/* What the program is to find in the file at `path`, if that tells of a task's state. */
bool procstatus_content(struct recorder *s, const char *path, struct buf *out);

/* --- cpus.c --- */
/* With record --cores: what the program is to find in the file at `path`. False: what is there. */
bool cpus_content(struct recorder *s, const char *path, struct buf *out);

/* --- images.c --- */
/* Put the instrumented image of the file at `path` in place of the executable mapping `m`,
 * which is mapped and stored. True if done: m says so, operations are in the event. */
bool image_map(struct recorder *s, struct rtask *t, struct mapping *m, const char *path);
/* Text in [start, end) is gone: its stubs go too. */
void image_unmap(struct recorder *s, struct rtask *t, uint64_t start, uint64_t end);
/* A descriptor of the image's file, to be used at once; or -1. */
int image_open(struct recorder *s, const struct image *im);

/* --- handover.c: descriptors of ours for tasks --- */
/* Is the task in another pid namespace, where our numbers are others' in /proc? */
bool handover_other_pids(const struct rtask *t);
/* Give the task a descriptor of `fd` over sockets, by calls with the `syscall` instruction at `ip` (0: the
 * runtime's): its number there, or -errno. */
int handover(struct rtask *t, uint64_t ip, int fd);
/* The first call of a batch, whose result is a descriptor of `fd` in the task. It may use RUNTIME_SPARE. */
struct remote_call handover_open(struct rtask *t, int fd);
/* That call has failed since the task cannot see our files: true, once, if the batch is to be made again. */
bool handover_failed(struct rtask *t, const struct remote_call *open);

/* --- giveway.c --- */
/* `t`, whose call's start is on record, maps something in [start, end): images whose stubs are there are
 * taken out, if that is possible. */
void giveway_range(struct recorder *s, struct rtask *t, uint64_t start, uint64_t end);
/* At the exit of any call: if that was made in a stub that is gone, set registers. */
void giveway_exit(struct rtask *t, regs_t *r);

/* --- translator.c --- */
/* Does the call of `t` execute valgrind, which cannot be recorded? Then the user has been told. */
bool translator_start(struct recorder *s, const struct rtask *t, const struct call *c);

/* --- vsyscall.c --- */
/* At the stop of a call: if it is one of the vsyscall page, leave that (t->vsyscall), to where the call
 * returns. ACT_NOT_MINE: done, or it is another call. */
struct action vsyscall_entry(struct recorder *s, struct rtask *t);
/* Make it for the task, in whose memory the results are then. */
void vsyscall_make(struct recorder *s, struct rtask *t, int64_t *result);

/* --- insn.c --- */
/* If `t` stopped at an instruction whose result must be recorded, do that. */
struct action insn_emulate(struct recorder *s, struct rtask *t, int sig, const siginfo_t *si);
/* `t` is to go on at the instruction at r->rip, for which there is, or was, an int3: the same. */
struct action insn_site(struct recorder *s, struct rtask *t, regs_t *r, const struct site *site);

/* --- exec.c --- */
struct action exec_exit(struct recorder *s, struct rtask *t);

/* --- life.c: tasks that come and go --- */
struct action life_fork(struct recorder *s, struct rtask *t, int event);
void life_exec_event(struct recorder *s, pid_t tid);
/* `t`, which was resumed, dies of a signal and may dump core. The kernel then kills the other
 * threads of its process a second time, so that they die without an exit stop, and changes memory
 * (see life_exit_event). Wait for their death where others see that memory, and record it. */
void life_dump_core(struct recorder *s, struct rtask *t);
void life_exit_event(struct recorder *s, struct rtask *t);
void life_gone(struct recorder *s, struct rtask *t, int status);
/* After a killed leader became a zombie that nobody reports. */
void life_poll_zombies(struct recorder *s);

#endif

/* Tasks that come and go. */
#include "record/session.h"

#include <linux/futex.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "task/proc.h"

static int first_stop(struct recorder *s, pid_t tid)
{
	void *stash = hmap_del(&s->stashed, (uint32_t)tid);
	if (stash)
		return (int)((uint64_t)stash - 1);
	int status = 0;
	/* The kernel attached it to us before it could run: it will stop by itself. */
	while (waitpid(tid, &status, __WALL) < 0) {
		if (kill(tid, 0))
			break;
	}
	s->stats.stops++;
	return status;
}

static struct rtask *new_task(struct recorder *s, struct rtask *t, pid_t tid)
{
	bool thread = t->clone.flags & CLONE_THREAD;
	struct rproc *p = thread ? t->proc : xcalloc(1, sizeof(*p));
	struct rmm *mm = t->clone.flags & CLONE_VM ? t->mm : mm_fork(s, t->mm);
	if (!thread) {
		p->tgid = tid;
		memcpy(p->actions, t->proc->actions, sizeof(p->actions));
		p->dumpable = t->proc->dumpable;
		p->read_implies_exec = t->proc->read_implies_exec;
	}
	struct rtask *n = task_new(s, tid, p, mm);
	n->parent = t->tid;
	ownfilter_inherit(n, t);
	n->mask = t->mask;
	n->no_new_privs = t->no_new_privs;
	policy_fork(n, t);
	n->tsc_traps = t->tsc_traps;
	for (size_t i = 0; i < t->affinity.n; i++)
		*VEC_PUSH(&n->affinity) = t->affinity.at[i];
	if (t->clone.flags & CLONE_CHILD_CLEARTID)
		n->clear_tid = t->clone.ctid;
	return n;
}

/* What the kernel wrote for the parent, before the child could run (kernel_clone,
 * kernel/fork.c): not into the child's copy of the memory, if it has one. */
static void log_parent_words(struct recorder *s, struct rtask *t)
{
	log_begin(s, t, EV_MEM, 0);
	if (t->clone.flags & CLONE_PARENT_SETTID && t->clone.ptid)
		log_memory(s, t, t->clone.ptid, 4, t->clone.ptid);
	if (t->clone.flags & CLONE_PIDFD && t->clone.pidfd)
		log_memory(s, t, t->clone.pidfd, 4, t->clone.pidfd);
	if (s->ev.chunks.n)
		log_put(s);
}

struct action life_fork(struct recorder *s, struct rtask *t, int event)
{
	unsigned long msg = 0;
	if (pt_event_msg(t->tid, &msg))
		return act(ACT_GONE);
	pid_t tid = (pid_t)msg;
	int status = first_stop(s, tid);
	call_log_entry(s, t);
	struct rtask *n = new_task(s, t, tid);
	if (!(t->clone.flags & CLONE_VM))
		buffer_fork(s, t, n);
	if (!(t->clone.flags & CLONE_FILES) == !!(t->clone.flags & CLONE_VM) &&
	    t->clone.flags & (CLONE_FILES | CLONE_THREAD))
		t->mm->fds_shared = n->mm->fds_shared = true;
	if (t->clone.flags & CLONE_SIGHAND && !(t->clone.flags & CLONE_THREAD))
		t->mm->sighand = true;
	regs_t r = t->regs;
	r.rax = 0;
	pt_getregs(tid, &r);
	log_begin(s, t, EV_FORK, t->nr);
	s->ev.arg[0] = tid;
	s->ev.arg[1] = !(t->clone.flags & CLONE_THREAD);
	s->ev.arg[2] = (int64_t)t->clone.flags;
	s->ev.arg[3] = n->mm->group;
	if (t->clone.flags & CLONE_CHILD_SETTID && t->clone.ctid)
		log_memory(s, n, t->clone.ctid, 4, t->clone.ctid);
	log_regs(s, &r);
	log_put(s);
	log_parent_words(s, t);
	s->stats.forks++;
	n->status = status;
	n->has_status = true;
	n->state = TS_READY;
	traced_fork(t, n, event);
	chaos_new_task(s, t, n);
	sched_ready(s, n);
	t->may_block = true; /* vfork waits for the child; before now it wrote its words */
	return traced_event(s, t, event, msg) ? act(ACT_DONE) : act_call();
}

/* The mapping of the object that holds the word at clear_child_tid, or NULL. */
static const struct mapping *shared_word(const struct rtask *t)
{
	const struct mapping *m = t->clear_tid ? space_find(&t->mm->space, t->clear_tid) : NULL;
	return m && m->source == SRC_OBJECT && m->recorded.flags & MAPF_SHARED ? m : NULL;
}

typedef void word_fn(struct recorder *s, struct rtask *t, uint64_t addr, void *ctx);

/* Call `fn` for each robust futex that `t` holds (exit_robust_list). */
static void each_robust(struct recorder *s, struct rtask *t, word_fn *fn, void *ctx)
{
	uint64_t head = 0, list[3], len = 0;
	if (syscall(SYS_get_robust_list, t->tid, &head, &len) || !head ||
	    mem_read(t->tid, head, list, sizeof(list)) != sizeof(list))
		return;
	uint64_t entry = list[0], last = list[2];
	for (int i = 0; i < 2048 && (entry & ~1ull) != head; i++) {
		uint64_t addr = (entry & ~1ull) + list[1];
		uint32_t word;
		if (mem_read(t->tid, addr, &word, 4) == 4 && (word & FUTEX_TID_MASK) == (uint32_t)t->tid)
			fn(s, t, addr, ctx);
		if (!last || entry == last || mem_read(t->tid, entry & ~1ull, &entry, 8) != 8)
			break;
	}
}

static void log_owner_died(struct recorder *s, struct rtask *t, uint64_t addr, void *any)
{
	uint32_t word = 0, *now = log_alloc(s, 4);
	mem_read(t->tid, addr, &word, 4);
	*now = (word & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
	event_chunk(&s->ev, CH_OUT, addr, now, 4);
	*(bool *)any = true;
}

/* Memory that the kernel changes when `t` dies, for those it leaves behind: the word
 * at clear_child_tid, and the robust futexes it holds (mm_release). */
static bool log_last_words(struct recorder *s, struct rtask *t, bool others)
{
	static const uint32_t zero;
	bool any = shared_word(t); /* log_word, when it is dead */
	if (!any && t->clear_tid && others) {
		event_chunk(&s->ev, CH_OUT, t->clear_tid, &zero, 4);
		any = true;
	}
	if (others || t->mm->shares)
		each_robust(s, t, log_owner_died, &any);
	return any;
}

static unsigned living(struct recorder *s, const struct rtask *t)
{
	unsigned n = 0;
	(void)s;
	for (const struct rtask *o = t->mm->tasks; o; o = o->next_in_mm)
		n += o != t && !o->exit_logged;
	return n;
}

static bool last_of_process(struct recorder *s, const struct rtask *t)
{
	size_t i = 0;
	struct rtask *o;
	while (t->proc->tasks > 1 && (o = hmap_next(&s->tasks, &i))) {
		if (o != t && o->proc == t->proc && !o->exit_logged)
			return false;
	}
	return true;
}

/* Write the EV_TASK_EXIT. True if others must wait until the task is really gone. */
static bool log_exit(struct recorder *s, struct rtask *t, int status, bool alive)
{
	if (t->exit_logged || !s->started)
		return false;
	t->exit_logged = true;
	if (alive && t->in_call && t->entry_logged) {
		life_poll_zombies(s);
		log_checksum(s, t);
	} else if (alive && t->in_call) {
		/* It dies in its call, of a signal that it sent to itself, say: what it did before the call
		 * counts. No check: the call may have written. */
		call_log_entry(s, t);
	}
	/* Killed in user code: replay ends it at its last station, so memory that it shared
	 * with others, who are being killed too, is not the same to the byte. */
	t->mm->torn |= !t->in_call;
	bool others = living(s, t);
	log_begin(s, t, EV_TASK_EXIT, status);
	s->ev.arg[0] = last_of_process(s, t);
	bool wrote = alive && log_last_words(s, t, others);
	log_put(s);
	return wrote;
}

static bool is_dead(pid_t tid)
{
	char st = proc_state(tid);
	return !st || st == 'Z' || st == 'X';
}

/* Where `o` sees the word at `addr` of the address space of `t`; 0: it does not. */
static uint64_t seen_at(const struct rtask *o, const struct rtask *t, uint64_t addr)
{
	const struct mapping *word = space_find(&t->mm->space, addr);
	if (o->mm == t->mm)
		return addr;
	if (!word || word->source != SRC_OBJECT || !(word->recorded.flags & MAPF_SHARED))
		return 0;
	uint64_t at = word->recorded.offset + (addr - word->recorded.start);
	for (const struct mapping *m = space_first(&o->mm->space); m; m = space_next(&o->mm->space, m)) {
		const struct kernel_mapping *k = &m->recorded;
		if (m->source == SRC_OBJECT && m->object == word->object && k->flags & MAPF_SHARED &&
		    at >= k->offset && at - k->offset < k->end - k->start)
			return k->start + (at - k->offset);
	}
	return 0;
}

/* `t` is dead: put the word on record as those who live see it. (The kernel clears the word at
 * clear_child_tid only while others use the address space, and threads that die together race
 * for that.) */
static void log_word(struct recorder *s, const struct rtask *t, uint64_t addr)
{
	size_t i = 0;
	struct rtask *o;
	uint32_t now;
	while ((o = hmap_next(&s->tasks, &i))) {
		uint64_t at = o != t && !o->exit_logged ? seen_at(o, t, addr) : 0;
		if (!at || mem_read(o->tid, at, &now, 4) != 4) /* it may be dying as well */
			continue;
		log_begin(s, o, EV_MEM, 0);
		log_memory(s, o, at, 4, at);
		log_put(s);
		return;
	}
}

/* --- core dumps: threads that die without an exit stop --- */

struct last_word {
	struct rtask *t;
	uint64_t addr;
};
typedef VEC(struct last_word) word_list;

static void note_word(struct recorder *s, struct rtask *t, uint64_t addr, void *ctx)
{
	(void)s;
	*VEC_PUSH((word_list *)ctx) = (struct last_word){t, addr};
}

/* Take what thread `o` of a dying process reports. True: it is dead. */
static bool take_death(struct recorder *s, struct rtask *o)
{
	unsigned long code;
	int status;
	if (is_dead(o->tid))
		return true;
	if (waitpid(o->tid, &status, __WALL | WNOHANG) != o->tid)
		return false;
	s->stats.stops++;
	if (!WIFSTOPPED(status)) {
		o->status = status;
		o->has_status = true;
		sched_ready(s, o);
		return true;
	}
	if (pt_event(status) == PTRACE_EVENT_EXIT && !pt_event_msg(o->tid, &code))
		log_exit(s, o, (int)code, false);
	o->in_call = false;
	o->state = TS_EXITING;
	pt_resume(PTRACE_CONT, o->tid, 0);
	return false;
}

/* Is `t`, which was resumed, at its exit stop, or dead? -1: it has stopped otherwise. */
static int at_exit(const struct rtask *t)
{
	siginfo_t si = {0};
	if (is_dead(t->tid))
		return 1;
	if (waitid(P_PID, (id_t)t->tid, &si, WEXITED | WSTOPPED | WNOHANG | WNOWAIT | __WALL) || !si.si_pid)
		return 0;
	return si.si_code == CLD_TRAPPED && si.si_status >> 8 != PTRACE_EVENT_EXIT ? -1 : 1;
}

static bool seen_by_others(struct recorder *s, const struct rtask *t)
{
	return t->mm->shares || t->mm->refs > t->proc->tasks;
}

void life_dump_core(struct recorder *s, struct rtask *t)
{
	word_list words = {0};
	size_t i = 0;
	struct rtask *o;
	unsigned long status = 0;
	bool over = false;
	int end = 0;
	if (t->proc->tasks < 2 || !seen_by_others(s, t))
		return;
	while ((o = hmap_next(&s->tasks, &i))) {
		if (o == t || o->proc != t->proc || o->exit_logged)
			continue;
		if (o->clear_tid)
			note_word(s, o, o->clear_tid, &words);
		each_robust(s, o, note_word, &words);
	}
	while (end >= 0 && (!over || !end)) {
		sched_yield();
		end = at_exit(t);
		over = true;
		for (i = 0; end >= 0 && (o = hmap_next(&s->tasks, &i));)
			over &= o == t || o->proc != t->proc || take_death(s, o);
	}
	pt_event_msg(t->tid, &status);
	for (i = 0; end > 0 && (o = hmap_next(&s->tasks, &i));) {
		if (o != t && o->proc == t->proc)
			log_exit(s, o, (int)status, false);
	}
	for (size_t j = 0; end > 0 && j < words.n; j++)
		log_word(s, words.at[j].t, words.at[j].addr);
	VEC_FREE(&words);
}

void life_exit_event(struct recorder *s, struct rtask *t)
{
	unsigned long status = 0;
	pt_event_msg(t->tid, &status);
	if (traced_exiting(s, t, (int)status))
		return;
	traced_tracer_gone(s, t);
	if (t->mm->shares && t->mm->refs == 1)
		fetch_check(s);
	bool wrote = log_exit(s, t, (int)status, true);
	t->in_call = false;
	t->state = TS_EXITING;
	pt_resume(PTRACE_CONT, t->tid, 0);
	if (!wrote)
		return;
	/* The kernel is about to change memory that others see: none of them may run
	 * before. Those of other address spaces are few; wait for it here. */
	if (t->mm->shares) {
		while (!is_dead(t->tid))
			sched_yield(); /* the group's other tasks are stopped or in calls */
		if (shared_word(t))
			log_word(s, t, t->clear_tid);
		return;
	}
	t->zombie = true; /* counted until its end is seen, one way or the other */
	t->mm->exiting++;
	s->zombies++;
}

static void laid_to_rest(struct recorder *s, struct rtask *t)
{
	if (!t->zombie)
		return;
	t->zombie = false;
	t->mm->exiting--;
	s->zombies--;
}

void life_poll_zombies(struct recorder *s)
{
	size_t i = 0;
	struct rtask *t;
	while (s->zombies && (t = hmap_next(&s->tasks, &i))) {
		if (t->zombie && is_dead(t->tid))
			laid_to_rest(s, t);
	}
}

void life_gone(struct recorder *s, struct rtask *t, int status)
{
	tracewait_gone(s, t, status);
	bool unseen = !t->exit_logged && s->started;
	log_exit(s, t, status, false);
	if (unseen && t->clear_tid) /* it died without an exit stop */
		log_word(s, t, t->clear_tid);
	laid_to_rest(s, t);
	if (t->tid == s->root) {
		s->root_status = status;
		s->root_gone = true;
	}
	traced_tracer_gone(s, t);
	task_free(s, t);
}

/* The task that calls exec takes the leader's tid; all other threads are gone, the
 * leader without a word (de_thread, fs/exec.c). */
void life_exec_event(struct recorder *s, pid_t tid)
{
	unsigned long former = 0;
	pt_event_msg(tid, &former);
	struct rtask *t = task_find(s, (pid_t)former);
	if (!t)
		return;
	t->aux = former;
	if ((pid_t)former == tid)
		return;
	struct rtask *leader = task_find(s, tid);
	if (leader) {
		log_exit(s, leader, 0, false);
		laid_to_rest(s, leader);
		traced_tracer_gone(s, leader);
		task_free(s, leader);
	}
	hmap_del(&s->tasks, former);
	t->tid = tid;
	hmap_set(&s->tasks, (uint32_t)tid, t);
}

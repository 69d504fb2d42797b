#include "interpose/loop.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "interpose/release.h"
#include "interpose/tracees.h"
#include "task/proc.h"
#include "task/ptrace.h"

void loop_init(struct loop *l, struct module *first, const struct loop_options *o)
{
	memset(l, 0, sizeof(*l));
	l->first = first;
	if (o)
		l->opt = *o;
	l->mask = mask_union(first);
	l->leader_status = l->report = -1;
	for (struct module *m = first; m; m = m->next)
		l->has_exiting |= m->exiting != NULL;
	cpu_begin(&l->home);
}

void loop_free(struct loop *l)
{
	size_t i = 0;
	struct tracee *t;
	while ((t = hmap_next(&l->tracees, &i)))
		free(t);
	hmap_free(&l->tracees);
	hmap_free(&l->early);
	cpu_end(&l->home);
	if (l->report >= 0)
		close(l->report);
}

void loop_ask_end(struct loop *l)
{
	__atomic_store_n(&l->end, 1, __ATOMIC_RELEASE);
}

/* --- calls --- */

static void skip_call(struct tracee *t)
{
	if (!ptrace(PTRACE_POKEUSER, t->tid, offsetof(struct user_regs_struct, orig_rax), -1ll))
		ptrace(PTRACE_POKEUSER, t->tid, offsetof(struct user_regs_struct, rax), t->call.result);
}

/* A module has asked for another call, or the same with other arguments. */
static void change_call(struct tracee *t)
{
	regs_t r;
	const uint64_t *a = t->call.args;
	if (pt_getregs(t->tid, &r))
		return;
	r.orig_rax = (uint64_t)t->call.nr;
	r.rdi = a[0], r.rsi = a[1], r.rdx = a[2], r.r10 = a[3], r.r8 = a[4], r.r9 = a[5];
	pt_setregs(t->tid, &r);
}

static bool wanted(const struct tracee *t)
{
	/* Before its exec the child runs our code. */
	return mask_has(&t->loop->mask, t->call.nr) && (!t->starting || t->call.nr == SYS_execve);
}

static void call_start(struct tracee *t, const struct __ptrace_syscall_info *si)
{
	struct loop *l = t->loop;
	struct call *c = &t->call;
	memset(c, 0, sizeof(*c));
	c->tid = t->tid;
	c->task = t;
	c->nr = (int64_t)si->entry.nr; /* `seccomp` has the same fields, and one more behind them */
	memcpy(c->args, si->entry.args, sizeof(c->args));
	c->ip = si->instruction_pointer;
	c->sp = si->stack_pointer;
	t->in_call = true;
	t->stop_exit = !t->filtered; /* without a filter the exit stops the task in any case */
	if (cpu_shows(c->nr))
		cpu_restore_all(&l->home);
	if (!wanted(t)) {
		l->stats.passed++;
		return;
	}
	l->stats.starts++;
	struct call before = *c;
	enum disposition d = chain_start(l->first, c);
	if (d == DISP_SKIP)
		skip_call(t);
	else if (c->nr != before.nr || memcmp(c->args, before.args, sizeof(c->args)))
		change_call(t);
	t->stop_exit |= d == DISP_CALL_EXIT;
	t->in_call = t->stop_exit;
}

static void call_exit(struct tracee *t, const struct __ptrace_syscall_info *si)
{
	struct loop *l = t->loop;
	struct call *c = &t->call;
	bool tell = t->in_call && c->heard && !c->skipped;
	int64_t result = si->exit.rval;
	t->in_call = t->stop_exit = false;
	if (!tell) {
		l->stats.passed++;
		return;
	}
	l->stats.exits++;
	c->result = result;
	chain_exit(l->first, c);
	if (c->result != result)
		ptrace(PTRACE_POKEUSER, t->tid, offsetof(struct user_regs_struct, rax), c->result);
}

static void call_stop(struct tracee *t)
{
	struct __ptrace_syscall_info si = {.op = PTRACE_SYSCALL_INFO_NONE};
	if (ptrace(PTRACE_GET_SYSCALL_INFO, t->tid, sizeof(si), &si) <= 0)
		return;
	/* Of a task with a filter the seccomp stop is the start; a stop for PTRACE_SYSCALL may come just
	 * before it (Linux 4.8 and later). */
	if (si.op == PTRACE_SYSCALL_INFO_SECCOMP || (si.op == PTRACE_SYSCALL_INFO_ENTRY && !t->filtered))
		call_start(t, &si);
	else if (si.op == PTRACE_SYSCALL_INFO_EXIT)
		call_exit(t, &si);
}

/* --- other stops --- */

static bool is_trap(const siginfo_t *si)
{
	return si->si_signo == SIGTRAP && si->si_code > 0;
}

/* The signal to deliver. */
static int signal_stop(struct tracee *t, int sig)
{
	siginfo_t si;
	t->loop->stats.signals++;
	if (pt_siginfo(t->tid, &si))
		return sig;
	for (struct module *m = t->loop->first; m; m = m->next) {
		if (is_trap(&si) && m->trap && m->trap(m, t, &si))
			return 0;
	}
	for (struct module *m = t->loop->first; m && sig; m = m->next) {
		if (m->signal)
			sig = m->signal(m, t, &si);
	}
	return sig;
}

static void child_event(struct tracee *t, enum birth how)
{
	unsigned long tid;
	struct loop *l = t->loop;
	if (pt_event_msg(t->tid, &tid) || hmap_del(&l->early, tid))
		return;
	struct tracee *c = loop_tracee(l, (pid_t)tid);
	if (!c)
		c = tracee_add(l, (pid_t)tid);
	if (c->announced)
		return;
	c->filtered = t->filtered;
	c->attached = t->attached;
	tracee_began(c, t, how);
}

/* A new task has stopped before its parent's event came, or we have attached to it. */
static void first_stop(struct tracee *t)
{
	struct proc_status st;
	struct loop *l = t->loop;
	struct tracee *parent = NULL;
	if (t->attached) {
		tracee_began(t, NULL, BIRTH_ATTACH);
		return;
	}
	if (!proc_status(t->tid, &st)) {
		t->tgid = st.tgid;
		parent = loop_tracee(l, st.tgid != t->tid ? st.tgid : st.ppid);
	}
	t->filtered = parent ? parent->filtered : !l->opt.no_filter;
	t->attached = parent && parent->attached;
	tracee_began(t, parent, t->tgid == t->tid ? BIRTH_FORK : BIRTH_CLONE);
}

static struct tracee *exec_event(struct tracee *t)
{
	unsigned long former = (unsigned long)t->tid;
	struct loop *l = t->loop;
	pt_event_msg(t->tid, &former);
	struct tracee *by = loop_tracee(l, (pid_t)former);
	if (by && by != t)
		t = tracee_renamed(l, by, t->tid);
	t->starting = false;
	for (struct module *m = l->first; m; m = m->next) {
		if (m->execed)
			m->execed(m, t, (pid_t)former);
	}
	return t;
}

static void exit_event(struct tracee *t)
{
	unsigned long status = 0;
	pt_event_msg(t->tid, &status);
	for (struct module *m = t->loop->first; m; m = m->next) {
		if (m->exiting)
			m->exiting(m, t, (int)status);
	}
}

/* Job control has stopped the process (then the task stays so until SIGCONT), or it is a task's first
 * stop, or SIGCONT has come. */
static void job_stop(struct tracee *t, int sig)
{
	t->held = sig != SIGTRAP;
	if (!t->announced)
		first_stop(t);
	for (struct module *m = t->loop->first; m && t->held; m = m->next) {
		if (m->stopped)
			m->stopped(m, t, sig);
	}
}

static struct tracee *event_stop(struct tracee *t, int status)
{
	t->loop->stats.events += pt_event(status) != PTRACE_EVENT_SECCOMP;
	switch (pt_event(status)) {
	case PTRACE_EVENT_SECCOMP:
		call_stop(t);
		break;
	case PTRACE_EVENT_FORK:
		child_event(t, BIRTH_FORK);
		break;
	case PTRACE_EVENT_VFORK:
		child_event(t, BIRTH_VFORK);
		break;
	case PTRACE_EVENT_CLONE:
		child_event(t, BIRTH_CLONE);
		break;
	case PTRACE_EVENT_EXEC:
		return exec_event(t);
	case PTRACE_EVENT_EXIT:
		exit_event(t);
		break;
	case PTRACE_EVENT_STOP:
		job_stop(t, WSTOPSIG(status));
		break;
	}
	return t;
}

/* --- the loop --- */

/* The only place that resumes a task. */
static void resume(struct tracee *t, int sig)
{
	bool calls = !t->filtered || t->stop_exit;
	if (t->held)
		pt_resume(PTRACE_LISTEN, t->tid, 0);
	else
		pt_resume(calls ? PTRACE_SYSCALL : PTRACE_CONT, t->tid, sig);
	t->held = false;
}

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void loop_hold(struct tracee *t, uint64_t ns)
{
	t->loop->waiting += !t->until;
	t->until = (t->until ? t->until : now_ns()) + ns;
}

/* Resume the tasks whose time has come; `all`: those whose time has not as well. */
static void end_holds(struct loop *l, bool all)
{
	uint64_t now = now_ns();
	size_t i = 0;
	struct tracee *t;
	while (l->waiting && (t = hmap_next(&l->tracees, &i))) {
		if (!t->until || (t->until > now && !all))
			continue;
		t->until = 0;
		l->waiting--;
		resume(t, t->pending);
	}
}

static void handle(struct loop *l, pid_t tid, int status)
{
	int sig = 0;
	struct tracee *t = loop_tracee(l, tid);
	if (!WIFSTOPPED(status)) {
		if (t)
			tracee_died(t, status);
		else
			hmap_set(&l->early, (uint64_t)tid, l);
		return;
	}
	l->stats.stops++;
	if (!t)
		t = tracee_add(l, tid);
	cpu_stopped(&l->home, &t->cpu);
	if (pt_event(status))
		t = event_stop(t, status);
	else if (WSTOPSIG(status) == (SIGTRAP | 0x80))
		call_stop(t);
	else
		sig = signal_stop(t, WSTOPSIG(status));
	if (t->reaped)
		tracee_died(t, t->status);
	else if (t->until)
		t->pending = sig;
	else
		resume(t, sig);
}

/* While tasks are held, waitpid would not return in time: ask every millisecond. */
static pid_t next_stop(struct loop *l, int *status)
{
	const struct timespec ms = {0, 1000000};
	pid_t tid;
	while (l->waiting) {
		end_holds(l, false);
		tid = waitpid(-1, status, __WALL | __WNOTHREAD | WNOHANG);
		if (tid)
			return tid;
		if (nanosleep(&ms, NULL))
			return -1;
	}
	return waitpid(-1, status, __WALL | __WNOTHREAD);
}

int loop_run(struct loop *l)
{
	while (l->tracees.n) {
		int status;
		if (__atomic_load_n(&l->end, __ATOMIC_ACQUIRE)) {
			end_holds(l, true);
			release_all(l);
			return 0;
		}
		pid_t tid = next_stop(l, &status);
		if (tid > 0)
			handle(l, tid, status);
		else if (errno == ECHILD)
			break;
		else if (errno != EINTR)
			return err_sys(errno, "cannot wait for the program");
		for (struct module *m = l->first; m && tid < 0; m = m->next) {
			if (m->idle)
				m->idle(m);
		}
	}
	return 0;
}

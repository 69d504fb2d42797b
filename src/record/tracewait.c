/* How a tracer learns of its tracees' stops: SIGCHLD, and waits. The kernel does not know that they are its tracees, so
 * it is asked only for what children do. A wait for both is made in the kernel, interrupted when a tracee
 * stops, and gets its result here. Where the kernel knows of nobody to wait for, the wait becomes a pause. */
#include "record/sigstate.h"
#include "record/traced.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "task/proc.h"

#define ERESTARTSYS 512	   /* include/linux/errno.h */
#define ERESTARTNOHAND 514 /* what pause returns */

static bool is_wait(int64_t nr)
{
	return nr == SYS_wait4 || nr == SYS_waitid;
}

static uint64_t wait_options(const struct rtask *t)
{
	return t->nr == SYS_wait4 ? t->args[2] : t->args[3];
}

/* --- which tracees a wait is for --- */

/* Is the task with this number one that the wait of `t` asks for? */
static bool asks_for(const struct rtask *t, pid_t tid)
{
	int64_t id = t->nr == SYS_wait4 ? (int)t->args[0] : (int)t->args[1];
	if (t->nr == SYS_waitid) {
		switch (t->args[0]) {
		case P_ALL:
			return true;
		case P_PID:
			return id == tid;
		case P_PGID:
			return getpgid(tid) == (id ? id : getpgid(t->tid));
		default:
			return false;
		}
	}
	if (id > 0 || id == -1)
		return id == -1 || id == tid;
	return getpgid(tid) == (id ? -id : getpgid(t->tid));
}

/* `__WNOTHREAD`: what its other threads trace does not count. */
static bool waits_for(const struct rtask *t, const struct rtask *tracee)
{
	const struct traced *tr = tracee->traced;
	return tr && tr->tracer->proc == t->proc && (tr->tracer == t || !(wait_options(t) & __WNOTHREAD)) &&
	       asks_for(t, tracee->tid);
}

/* The tracee that has been stopped for longest without being told of; *any: there are some at all. */
static struct rtask *stopped_first(struct recorder *s, const struct rtask *t, bool *any)
{
	size_t i = 0;
	struct rtask *o, *found = NULL;
	while ((o = hmap_next(&s->tasks, &i))) {
		if (!waits_for(t, o))
			continue;
		*any = true;
		if (o->traced->stopped && !o->traced->told && !o->traced->listens &&
		    (!found || o->traced->since < found->traced->since))
			found = o;
	}
	return found;
}

/* A tracee that has ended and is no child of its tracer; *any as above. */
static struct trace_end *ended_first(const struct rtask *t, bool *any)
{
	struct rproc *p = t->proc;
	for (size_t i = 0; i < p->ends.n; i++) {
		if (!asks_for(t, p->ends.at[i].tid))
			continue;
		*any = true;
		return &p->ends.at[i];
	}
	return NULL;
}

/* --- its result --- */

static void put(struct rtask *t, uint64_t addr, const void *data, size_t len)
{
	if (addr)
		call_write(t, addr, data, len);
}

/* Write what the wait of `t` tells of task `tid`. Its result. */
static int64_t give(struct rtask *t, pid_t tid, uid_t uid, int status)
{
	struct rusage none = {0};
	siginfo_t si = {.si_signo = SIGCHLD};
	if (t->nr == SYS_wait4) {
		put(t, t->args[1], &status, sizeof(status));
		put(t, t->args[3], &none, sizeof(none));
		return tid;
	}
	si.si_pid = tid;
	si.si_uid = uid;
	if (WIFSTOPPED(status)) {
		si.si_code = CLD_TRAPPED;
		si.si_status = status >> 8;
	} else if (WIFEXITED(status)) {
		si.si_code = CLD_EXITED;
		si.si_status = WEXITSTATUS(status);
	} else {
		si.si_code = WCOREDUMP(status) ? CLD_DUMPED : CLD_KILLED;
		si.si_status = WTERMSIG(status);
	}
	put(t, t->args[2], &si, sizeof(si));
	put(t, t->args[4], &none, sizeof(none));
	return 0;
}

/* If something can be told now: true, and *result. *any: there is somebody to wait for. */
static bool tell(struct recorder *s, struct rtask *t, int64_t *result, bool *any)
{
	bool keep = wait_options(t) & WNOWAIT;
	struct trace_end *e = wait_options(t) & WEXITED || t->nr == SYS_wait4 ? ended_first(t, any) : NULL;
	struct rtask *o = stopped_first(s, t, any);
	if (e) {
		*result = give(t, e->tid, e->uid, e->status);
		if (!keep)
			*e = t->proc->ends.at[--t->proc->ends.n];
		return true;
	}
	if (!o)
		return false;
	*result = give(t, o->tid, task_uid(o->tid), o->traced->code << 8 | 0x7f);
	o->traced->told = !keep;
	return true;
}

enum disposition tracewait_start(struct recorder *s, struct rtask *t, struct call *c)
{
	bool any = false;
	t->wait_idle = t->wait_idle && t->let_through;
	if ((!t->proc->tracees && !t->proc->ends.n) || !tell(s, t, &c->result, &any))
		return DISP_CALL_EXIT;
	t->wait_idle = false;
	return DISP_SKIP;
}

void tracewait_begin(struct rtask *t)
{
	regs_t r;
	if (!t->wait_idle || !is_wait(t->nr) || pt_getregs(t->tid, &r))
		return;
	r.orig_rax = SYS_pause;
	pt_setregs(t->tid, &r);
}

struct action tracewait_exit(struct recorder *s, struct rtask *t, regs_t *r, int64_t *result)
{
	bool any = false, idle = t->wait_idle;
	if (!is_wait(t->nr))
		return act(ACT_NOT_MINE);
	t->wait_idle = false;
	if (idle) {
		r->orig_rax = (uint64_t)t->nr;
		t->args_changed = true;
		*result = *result == -ERESTARTNOHAND ? -ERESTARTSYS : *result;
	}
	bool cut = *result >= RESULT_RESTART_FIRST && *result <= RESULT_RESTART_LAST;
	if (!t->proc->tracees && !t->proc->ends.n)
		return act(ACT_NOT_MINE);
	if (!cut && *result && *result != -ECHILD)
		return act(ACT_NOT_MINE);
	if (!cut && !*result && !(wait_options(t) & WNOHANG))
		return act(ACT_NOT_MINE);
	if (tell(s, t, result, &any) || *result != -ECHILD || !any)
		return act(ACT_NOT_MINE);
	if (wait_options(t) & WNOHANG) {
		siginfo_t none = {0};
		if (t->nr == SYS_waitid)
			put(t, t->args[2], &none, sizeof(none));
		*result = 0;
		return act(ACT_NOT_MINE);
	}
	t->wait_idle = true;
	return call_again(t);
}

/* --- the end of a wait --- */

/* SIGCHLD goes to a process that handles it, or waits for it. */
static void send_sigchld(const struct rtask *tracer, pid_t tid, int code, int status)
{
	struct proc_status p;
	siginfo_t *si = &tracer->proc->chld;
	if (proc_status(tracer->tid, &p) || !((p.caught | p.blocked) & BIT(SIGCHLD)))
		return;
	*si = (siginfo_t){.si_signo = SIGCHLD, .si_code = code};
	si->si_pid = tid;
	si->si_uid = task_uid(tid);
	si->si_status = status;
	kill(tracer->proc->tgid, SIGCHLD);
}

bool tracewait_siginfo(const struct rtask *t, siginfo_t *si)
{
	if (si->si_signo != SIGCHLD || si->si_code != SI_USER || !t->proc->chld.si_signo ||
	    si->si_pid != getpid())
		return false;
	*si = t->proc->chld;
	return true;
}

static void wake_waits(struct recorder *s, const struct rproc *p, pid_t tid)
{
	size_t i = 0;
	struct rtask *w;
	while ((w = hmap_next(&s->tasks, &i))) {
		if (w->proc == p && w->state == TS_KERNEL && !w->has_status && w->in_call && is_wait(w->nr) &&
		    asks_for(w, tid))
			ptrace(PTRACE_INTERRUPT, w->tid, 0, 0);
	}
}

void tracewait_report(struct recorder *s, struct rtask *t)
{
	struct traced *tr = t->traced;
	send_sigchld(tr->tracer, t->tid, CLD_TRAPPED, tr->code & 0x7f);
	wake_waits(s, tr->tracer->proc, t->tid);
}

void tracewait_gone(struct recorder *s, struct rtask *t, int status)
{
	struct traced *tr = t->traced;
	if (!tr || tr->child)
		return;
	struct rproc *p = tr->tracer->proc;
	*VEC_PUSH(&p->ends) = (struct trace_end){t->tid, task_uid(t->tid), status};
	send_sigchld(tr->tracer, t->tid, WIFEXITED(status) ? CLD_EXITED : CLD_KILLED,
		     WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	wake_waits(s, p, t->tid);
}

/* Letting one task of a diversion run; the others stand still. */
#include "replay/divert.h"

#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "base/err.h"
#include "layout.h"
#include "task/tsc.h"
#include "task/vsyscall.h"

#define LOOK_NS                                                                                              \
	50000000ull /* between questions whether the client wants to interrupt what makes many calls */

/* Does the client want `t` to stop where it has come to, at the program's address `app`? */
static bool breaks_at(struct replay *s, struct ptask *t, uint64_t app)
{
	for (size_t i = 0; i < s->points.n; i++) {
		const struct point *p = &s->points.at[i];
		if (p->addr == app && p->breaks && (!p->tgid || p->tgid == t->proc->tgid) &&
		    (!s->condition || s->condition(s->condition_ctx, t->tid, app)))
			return true;
	}
	return false;
}

static int stop_at_break(struct replay *s, struct ptask *t, uint64_t app)
{
	s->stop->addr = app;
	return stop_for(s, t, STOP_BREAK);
}

static int handle(struct replay *s, struct ptask *t, int status);

/* It is at an int3 of ours. */
static int at_plant(struct replay *s, struct ptask *t, const struct plant *p)
{
	int status;
	uint64_t app = p->app;
	t->regs.rip = p->at;
	if (pt_setregs(t->pid, &t->regs))
		return err_set("lost task %d", t->tid);
	if (breaks_at(s, t, app))
		return stop_at_break(s, t, app);
	int rc = step_raw(s, t, &status);
	return rc ? (rc < 0 ? -1 : 0) : handle(s, t, status);
}

static bool in_ours(struct ptask *t)
{
	uint64_t ip = t->regs.rip;
	return placed_area(&t->mm->images, ip) || (ip >= RUNTIME_BASE && ip < RUNTIME_END);
}

/* The client has interrupted it: out of stubs and the runtime, to a place of the program. */
static int stop_here(struct replay *s, struct ptask *t)
{
	int status, rc = 1;
	while (in_ours(t) && rc == 1)
		rc = step_raw(s, t, &status);
	if (rc < 0)
		return -1;
	if (!rc && WIFSTOPPED(status) && pt_event(status) == PTRACE_EVENT_SECCOMP &&
	    !pt_getregs(t->pid, &t->regs)) {
		regs_t r = t->regs; /* it makes the call when it goes on */
		r.rip -= 2;
		r.rax = r.orig_rax;
		if (ptask_set_regs(t, &r))
			return -1;
	}
	return stop_for(s, t, STOP_PAUSE);
}

static int at_signal(struct replay *s, struct ptask *t, int sig, const siginfo_t *si)
{
	const struct plant *p =
		sig == SIGTRAP && si->si_code == SI_KERNEL ? points_at(t->mm, t->regs.rip - 1) : NULL;
	if (p)
		return at_plant(s, t, p);
	int rc = divert_insn(s, t, sig, si);
	if (rc)
		return rc < 0 ? -1 : 0;
	/* gdb has called functions return to a breakpoint on the stack, where nothing can be executed. */
	if (sig == SIGSEGV && breaks_at(s, t, t->regs.rip))
		return stop_at_break(s, t, t->regs.rip);
	if (run_to_stub(t, sig))
		return 0;
	s->stop->code = sig;
	s->stop->si = *si;
	return stop_for(s, t, STOP_SIGNAL);
}

/* `t` has stopped. 0: it goes on; -1: stopped for the client, or an error. */
static int handle(struct replay *s, struct ptask *t, int status)
{
	siginfo_t si;
	int event = pt_event(status);
	if (pt_getregs(t->pid, &t->regs))
		return err_set("lost task %d", t->tid);
	if (event == PTRACE_EVENT_SECCOMP) {
		if (in_vsyscall(&t->regs) && run_leave_vsyscall(s, t))
			return -1;
		return divert_call(s, t);
	}
	if (event)
		return s->hurry ? stop_here(s, t) : 0;
	return run_raised(t, WSTOPSIG(status), &si) ? at_signal(s, t, WSTOPSIG(status), &si) : 0;
}

static int go_on(struct replay *s, struct ptask *t)
{
	int status;
	if (points_plant(s, t, false) || resume_and_wait(s, t, PTRACE_CONT, &status))
		return -1;
	return handle(s, t, status);
}

static int one_step(struct replay *s, struct ptask *t)
{
	int status;
	points_lift(t);
	if (pt_getregs(t->pid, &t->regs))
		return err_set("lost task %d", t->tid);
	uint64_t from = t->regs.rip;
	int rc = step_instruction(s, t, false, &status);
	if (!rc)
		rc = handle(s, t, status);
	if (rc < 0)
		return -1;
	bool moved = !pt_getregs(t->pid, &t->regs) && t->regs.rip != from;
	return rc == 1 || moved ? stop_for(s, t, STOP_STEP) : 0;
}

/* The client may interrupt a task that stops again and again, too. */
static void look(struct replay *s, struct ptask *t, uint64_t *next)
{
	uint64_t now = coarse_ns();
	if (now < *next)
		return;
	*next = now + LOOK_NS;
	if (!s->opt.interrupted || !s->opt.interrupted(s->opt.ctx) || pt_getregs(t->pid, &t->regs))
		return;
	stop_here(s, t);
}

static void failed(struct replay *s, struct stop *stop)
{
	stop->why = STOP_FAILED;
	stop->text = s->report.len ? (const char *)s->report.data : err_msg();
}

void replay_run_diverted(struct replay *s, int32_t tid, bool step, struct stop *stop)
{
	static const struct request nothing;
	struct ptask *t = s->dv ? replay_task(s, tid) : NULL;
	uint64_t runs = s->runs, next = coarse_ns() + LOOK_NS;
	int rc = 0;
	*stop = (struct stop){.tid = tid, .tgid = t ? t->proc->tgid : 0};
	s->q = &nothing;
	s->stop = stop;
	s->stopped = false;
	s->debugging = true; /* waits can be interrupted */
	s->hurry = 0;
	s->report.len = 0;
	if (!t || t->dead)
		rc = err_set("there is no task %d that could run", tid);
	while (!rc && !s->stopped) {
		rc = step ? one_step(s, t) : go_on(s, t);
		if (!rc && !s->stopped)
			look(s, t, &next);
	}
	if (!s->stopped)
		failed(s, stop);
	stop->at = s->here;
	s->runs = runs; /* breakpoints' counts belong to the recording */
	s->q = NULL;
}

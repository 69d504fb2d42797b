/* Letting a task run to its next event, and telling what its stops on the way mean: the start of a call,
 * a fault of its own, a safepoint, a breakpoint, the end of a step. */
#include "replay/session.h"

#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "base/err.h"
#include "layout.h"
#include "task/tsc.h"
#include "task/vsyscall.h"

bool run_raised(struct ptask *t, int sig, siginfo_t *si)
{
	if (sig != SIGSEGV && sig != SIGBUS && sig != SIGFPE && sig != SIGILL && sig != SIGTRAP)
		return false;
	return !pt_siginfo(t->pid, si) && si->si_code > 0;
}

bool run_to_stub(struct ptask *t, int sig)
{
	uint64_t at = t->regs.rip - (sig == SIGTRAP);
	uint64_t stub =
		sig == SIGTRAP || sig == SIGILL ? placed_to_stub(&t->mm->images, &t->mm->space, at) : at;
	if (stub == at)
		return false;
	t->regs.rip = stub;
	return !pt_setregs(t->pid, &t->regs);
}

/* Its start is seen where it returns, as in the recording. */
int run_leave_vsyscall(struct replay *s, struct ptask *t)
{
	int status, rc = vsyscall_leave(t->pid, &t->regs, &status);
	s->stops++;
	if (rc > 0)
		return diverge(s, t, "the task did not return from a vsyscall (status 0x%x)", status);
	return rc ? err_sys(-rc, "lost task %d", t->tid) : 0;
}

/* --- what a debugger wants on the way --- */

static bool steps(struct replay *s, struct ptask *t)
{
	if (s->way.active)
		return journey_is(s, MOVE_STEPS, 0) || s->q->count == t->tid;
	return s->q->step == t->tid;
}

/* If the client wants a stop at once, let the task trap at its next safepoint; but not while it is in a stub,
 * where the counter may be in a register. */
static uint64_t at_once(struct replay *s, struct ptask *t, uint64_t now)
{
	return s->hurry && !placed_area(&t->mm->images, t->regs.rip) ? now + 1 : 0;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return !a || (b && b < a) ? b : a;
}

/* Arm the counter for whoever wants to look next. */
static int arm(struct replay *s, struct ptask *t, uint64_t final)
{
	uint64_t now = s->here.ticks, at = final > now ? final : 0;
	at = sooner(at, journey_ticks(s));
	if (steps(s, t)) /* whoever steps looks at each instruction, and a trap would split one */
		return ticks_trap(t, at);
	at = sooner(at, at_once(s, t, now));
	if (s->deadline)
		at = sooner(at, now + s->chunk);
	return ticks_trap(t, at);
}

/* Chunks of safepoints take some milliseconds. */
static void adapt_chunk(struct replay *s)
{
	uint64_t now = coarse_ns(), took = now - s->chunk_start;
	s->chunk_start = now;
	if (took < 4000000 && s->chunk < 1u << 30)
		s->chunk *= 2;
	else if (took > 20000000 && s->chunk > 16)
		s->chunk /= 2;
}

/* Does the replay go to a position behind a later event, without stopping at watchpoints on the way? Then the
 * watched pages stay unprotected until that event: protection may cost a stop at each write. */
static bool passes_by(const struct replay *s)
{
	const struct position *until = s->q->until;
	return s->q->blind && !s->way.active && until && s->here.event < until->event;
}

/* `lost`: it was stopped from outside, and nothing tells where it is behind its station. */
static int prepare(struct replay *s, struct ptask *t, uint64_t final, bool lost)
{
	if (pt_getregs(t->pid, &t->regs))
		return err_set("lost task %d", t->tid);
	if (ticks_begin(t))
		return -1;
	bool there = journey_look(s, t);
	if ((there && !s->stopped) || watch_look(s, t) || there)
		return -1;
	if (!lost && (stop_due(s) || (s->hurry && s->moved && steps(s, t))))
		return stop_for(s, t, STOP_PAUSE);
	return arm(s, t, final) || buffer_mark(s, t) || points_plant(s, t, !steps(s, t)) ||
			       (passes_by(s) ? guards_lift(t) : guards_plant(s, t))
		       ? -1
		       : 0;
}

/* It is at a plant: a visit. Is that the end of a move? */
static bool visit(struct replay *s, struct ptask *t, const struct plant *p, bool *stops)
{
	struct plant at = *p;
	t->visited = at.at;
	*stops = points_visit(s, t, &at);
	return journey_is(s, MOVE_VISITS, at.app) && journey_moved(s, t);
}

/* `t` has made an instruction. Is it at another station than before, and right there? A safepoint that came
 * before the instruction itself is one step away. */
static bool at_station(struct replay *s, struct ptask *t)
{
	uint64_t calls = s->here.calls;
	return station_look(s, t) && (!s->step.ticked || s->here.calls != calls);
}

/* It has made an instruction. 0; -1: stopped. */
static int stepped(struct replay *s, struct ptask *t)
{
	bool stops = false, over = false;
	bool journey = s->way.active, counts = journey_is(s, MOVE_STEPS, 0);
	if (!at_station(s, t))
		position_add(&s->here, MOVE_STEPS, 1, 0);
	struct position here = s->here;
	const struct plant *p = points_at(t->mm, t->regs.rip);
	if (p)
		over = visit(s, t, p, &stops);
	if (counts)
		over = journey_moved(s, t);
	/* A station on the way is nearer than the one that the steps were counted from: positions are
	 * compared. */
	if (!over || (counts && !position_same_base(&s->here, &here)))
		s->here = here;
	if (!over) {
		s->trail[1] = s->trail[0];
		s->trail[0] = here;
		s->fresh = true;
	}
	if (stops && journey)
		return stop_for(s, t, STOP_BREAK);
	if (over)
		return -1;
	return journey ? 0 : stop_for(s, t, STOP_STEP);
}

/* On its way through a stub it has come to a plant. */
static int passed_by(struct replay *s, struct ptask *t)
{
	bool stops = false;
	const struct plant *p = points_at(t->mm, t->regs.rip);
	bool over = p && visit(s, t, p, &stops);
	if (stops)
		return stop_for(s, t, STOP_BREAK);
	return over ? -1 : 0;
}

/* `t` has come to a plant. */
static int visited(struct replay *s, struct ptask *t, const struct plant *p)
{
	bool stops;
	t->regs.rip = p->at;
	if (pt_setregs(t->pid, &t->regs))
		return err_set("lost task %d", t->tid);
	bool over = visit(s, t, p, &stops);
	if (stops)
		return stop_for(s, t, STOP_BREAK);
	return over ? -1 : 0;
}

/* It has made an instruction that touched guarded pages. 1; -1: stopped. */
static int passed(struct replay *s, struct ptask *t, bool steps)
{
	bool counted = t->ntouched;
	t->ntouched = 0;
	int rc = steps ? stepped(s, t) : 0;
	if (!steps && !at_station(s, t) && counted)
		position_add(&s->here, MOVE_STEPS, 1, 0);
	return watch_look(s, t) || rc ? -1 : 1;
}

static int step(struct replay *s, struct ptask *t, int *status)
{
	bool was = s->fresh;
	s->fresh = false;
	int rc = step_instruction(s, t, s->way.active, status);
	if (rc == 2)
		s->fresh = was;
	if (!rc) {
		rc = watch_pass(s, t, false, status);
		return rc == 1 ? passed(s, t, true) : rc;
	}
	if (rc < 0)
		return rc;
	if (rc == 1)
		t->ntouched = 0;
	return (rc == 2 ? passed_by(s, t) : stepped(s, t)) ? -1 : 1;
}

/* Make the instruction that it is at, where it would be stopped again. 1: made; or it need not be; 0: it has
 * stopped otherwise; -1. */
static int pass_by(struct replay *s, struct ptask *t, int *status)
{
	const struct plant *p = points_at(t->mm, t->regs.rip);
	bool still = t->visited && t->visited == t->regs.rip;
	int rc = still && p && !t->ntouched ? bypass_skip(t, p) : 0;
	return rc || !(still || t->ntouched) ? (rc < 0 ? -1 : 1) : step_raw(s, t, status);
}

/* Run; where bypasses are planted, the stop may be theirs. As go; 2: it can go on at once. */
static int run_on(struct replay *s, struct ptask *t, int *status)
{
	const struct plant *p;
	bool bypasses = t->mm->plants_fast && t->mm->plants.n;
	if (bypasses && bypass_begin(s, t))
		return -1;
	if (resume_and_wait(s, t, PTRACE_CONT, status))
		return -1;
	int rc = bypasses ? bypass_stopped(s, t, *status, &p) : BYPASS_STOPPED;
	if (rc == BYPASS_ASKS)
		return visited(s, t, p) ? -1 : 1;
	return rc < 0 ? -1 : rc == BYPASS_ON ? 2 : 0;
}

/* Let it go on until something stops it. As go. */
static int go_on(struct replay *s, struct ptask *t, int *status)
{
	int rc = pass_by(s, t, status);
	if (rc == 1) {
		t->visited = t->ntouched = 0;
		rc = run_on(s, t, status);
		if (rc)
			return rc;
	}
	if (!rc)
		rc = watch_pass(s, t, false, status);
	return rc == 1 ? passed(s, t, steps(s, t)) : rc;
}

/* Let it go on as the client wants. 1: it has made one instruction of its own, and that is dealt with; 2: it
 * can go on at once, and nothing tells where it is; 0: it has stopped, *status says why; -1. */
static int go(struct replay *s, struct ptask *t, int *status)
{
	return steps(s, t) ? step(s, t, status) : go_on(s, t, status);
}

/* Stop where the task is, or behind the stub or the part of the runtime that it is in. No position names the
 * place. */
static int stop_here(struct replay *s, struct ptask *t)
{
	int status, rc = 1;
	uint64_t ip = t->regs.rip;
	while (rc == 1 && (placed_area(&t->mm->images, ip) || (ip >= RUNTIME_BASE && ip < RUNTIME_END))) {
		rc = step_raw(s, t, &status);
		ip = t->regs.rip;
	}
	if (rc < 0)
		return -1;
	station_look(s, t);
	s->here.vague = true;
	return stop_for(s, t, STOP_PAUSE);
}

/* --- */

/* A buffered call has ended at which somebody wants a look. For a client that steps, and was stopped at its
 * start, that is the end of an instruction. As at_call. */
static int at_end_of_call(struct replay *s, struct ptask *t)
{
	bool begun = t->caught;
	int rc = buffer_marked(s, t);
	if (rc != 1 || !begun || !steps(s, t))
		return rc;
	s->trail[1] = s->trail[0];
	s->trail[0] = s->here;
	s->fresh = true;
	return s->way.active ? 1 : stop_for(s, t, STOP_STEP);
}

/* The stop is that of a call. 0: the caller's; 1: dealt with; -1. */
static int at_call(struct replay *s, struct ptask *t)
{
	if (in_vsyscall(&t->regs) && run_leave_vsyscall(s, t))
		return -1;
	switch (t->regs.orig_rax) {
	case RUNTIME_DIVERGE_NR:
		return buffer_diverged(s, t);
	case RUNTIME_CATCH_NR:
		return buffer_caught(s, t) ? -1 : 1;
	case RUNTIME_STATION_NR:
		return at_end_of_call(s, t);
	}
	t->at_entry = true;
	return buffer_check(s, t);
}

/* `t` has stopped at a safepoint, in an instruction that is not made yet, or behind it: then it led here. */
static int come_to_safepoint(struct replay *s, struct ptask *t)
{
	bool begun = steps(s, t) && !s->fresh, due = begun && step_is_due(s, t);
	int rc = journey_look(s, t);
	if (begun && !due) {
		s->trail[1] = s->trail[0];
		s->trail[0] = s->here;
	}
	s->fresh |= begun;
	return rc;
}

/* A run to the next system call or raised signal; with `final`, to safepoint `final`. */
struct run {
	struct replay *s;
	struct ptask *t;
	siginfo_t *si;
	uint64_t final;
	bool lost;  /* it was stopped from outside, and nothing tells where it is behind its station */
	int result; /* 0: a system call; a signal */
};

/* Let the task go on. 1: it has made something that is dealt with; 0: it has stopped, *status says why; -1.
 */
static int resume(struct run *r, int *status)
{
	struct replay *s = r->s;
	struct ptask *t = r->t;
	int rc;
	if (s->debugging ? prepare(s, t, r->final, r->lost)
	    : r->final	 ? ticks_begin(t) || ticks_trap(t, r->final)
			 : 0)
		return -1;
	bool loose = s->held.loose;
	rc = loose && !(s->debugging && steps(s, t)) ? step_raw(s, t, status)
	     : s->debugging			     ? go(s, t, status)
						     : resume_and_wait(s, t, PTRACE_CONT, status);
	if (rc < 0 || (loose && held_tighten(s, t)))
		return -1;
	r->lost = rc == 2;
	return rc != 0;
}

/* Signal `sig` was raised, by the program or by what was planted in it. 0: the run ends with it; 1: it was
 * planted, and that is dealt with; -1. */
static int signal_raised(struct run *r, int sig)
{
	struct replay *s = r->s;
	struct ptask *t = r->t;
	int rc = held_fault(s, t, sig, r->si);
	r->lost = rc > 0;
	if (rc)
		return rc;
	const struct plant *p =
		sig == SIGTRAP && r->si->si_code == SI_KERNEL ? points_at(t->mm, t->regs.rip - 1) : NULL;
	if (p)
		return visited(s, t, p) ? -1 : 1;
	if (sig == SIGTRAP && (s->debugging || r->final) && ticks_trapped(t)) {
		adapt_chunk(s);
		if (s->debugging && come_to_safepoint(s, t))
			return -1; /* it leads to the very place of the event */
		if (!r->final || t->zero_at != r->final)
			return 1;
	} else if (run_to_stub(t, sig)) {
		r->lost = true;
		return 1;
	}
	r->result = sig;
	return buffer_check(s, t);
}

/* What was that stop? 0: the run ends with it; 1: it goes on; -1. */
static int stopped(struct run *r, int status)
{
	struct ptask *t = r->t;
	int sig = WSTOPSIG(status);
	bool call = pt_event(status) == PTRACE_EVENT_SECCOMP;
	if (pt_getregs(t->pid, &t->regs))
		return err_set("lost task %d", t->tid);
	if (call) {
		r->result = 0;
		return at_call(r->s, t);
	}
	if (pt_event(status) && r->s->hurry > 1)
		return stop_here(r->s, t);
	r->lost = pt_event(status) || !run_raised(t, sig, r->si);
	return r->lost ? 1 : signal_raised(r, sig);
}

/* Run on until a system call (0) or a raised signal (its number); with `final`, to safepoint `final`
 * (SIGTRAP). */
static int run(struct replay *s, struct ptask *t, siginfo_t *si, uint64_t final)
{
	struct run r = {.s = s, .t = t, .si = si, .final = final};
	int status, rc;
	do {
		rc = resume(&r, &status);
		if (!rc)
			rc = stopped(&r, status);
	} while (rc == 1);
	return rc ? -1 : r.result;
}

int run_to_entry(struct replay *s, struct ptask *t)
{
	siginfo_t si;
	if (t->at_entry)
		return 0;
	int sig = run(s, t, &si, 0);
	if (sig > 0)
		return diverge(s, t, "the task raised signal %d (%s) at 0x%llx, address %p", sig,
			       strsignal(sig), (unsigned long long)t->regs.rip, si.si_addr);
	return sig;
}

int run_to_fault(struct replay *s, struct ptask *t, siginfo_t *si, uint64_t limit)
{
	if (t->at_entry)
		return diverge(s, t, "the task is in a system call");
	int sig = run(s, t, si, limit);
	if (!sig)
		return diverge(s, t, "the task made system call %lld instead", (long long)t->regs.orig_rax);
	return sig;
}

int run_to_safepoint(struct replay *s, struct ptask *t, uint64_t ticks)
{
	siginfo_t si;
	uint64_t n;
	if (t->at_entry)
		return diverge(s, t, "the task is in a system call");
	if (ticks_begin(t) || ticks_passed(t, &n))
		return -1;
	if (n >= ticks) /* a stop for the client was at that one, or behind it */
		return buffer_check(s, t);
	int sig = run(s, t, &si, ticks);
	if (sig < 0)
		return -1;
	if (sig != SIGTRAP || t->zero_at != ticks)
		return diverge(s, t, "the task raised signal %d (%s) before it had passed %llu safepoints",
			       sig, strsignal(sig), (unsigned long long)ticks);
	return ticks_trap(t, 0);
}

/* Before and after each of these steps: what a debugger wants. 0; -1: stopped, or an error. */
static int before_step(struct replay *s, struct ptask *t, bool begins)
{
	if (pt_getregs(t->pid, &t->regs))
		return err_set("lost task %d", t->tid);
	if (begins && step_begin(s, t))
		return -1;
	if ((begins && journey_look(s, t)) || points_plant(s, t, false) || guards_plant(s, t))
		return -1;
	const struct plant *p = points_at(t->mm, t->regs.rip);
	return p && t->visited != t->regs.rip ? visited(s, t, p) : 0;
}

static int after_step(struct replay *s, struct ptask *t, uint64_t from)
{
	bool whole = step_is_whole(t, from), counted = t->ntouched;
	int rc = 0;
	t->ntouched = 0;
	if (step_look(s, t))
		return -1;
	if (whole && steps(s, t))
		rc = stepped(s, t);
	else if (whole && !at_station(s, t) && counted)
		position_add(&s->here, MOVE_STEPS, 1, 0);
	return watch_look(s, t) || rc ? -1 : 0;
}

int run_steps(struct replay *s, struct ptask *t, int64_t n)
{
	int status;
	bool whole = true;
	while (t->stepped < n) {
		if (s->debugging && before_step(s, t, whole))
			return -1;
		uint64_t from = t->regs.rip;
		s->fresh = false;
		int rc = step_raw(s, t, &status);
		if (!rc && s->debugging)
			rc = watch_pass(s, t, true, &status);
		if (rc < 0)
			return -1;
		if (!rc)
			return diverge(s, t, "it does not compute on after a safepoint (signal %d)",
				       WSTOPSIG(status));
		t->stepped++;
		whole = step_is_whole(t, from);
		if (s->debugging && after_step(s, t, from))
			return -1;
	}
	return pt_getregs(t->pid, &t->regs) ? err_set("lost task %d", t->tid) : 0;
}

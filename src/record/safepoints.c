/* Safepoints: where tasks are interrupted in the middle of their code. Stubs of instrumented
 * images count them down and trap at zero (docs/rewriting.md); an event says how many its
 * task has passed since its last one, so replay stops at the same. */
#include "record/session.h"

#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "base/err.h"
#include "layout.h"
#include "rewrite/trap.h"

#define FAR (1ull << 62) /* what the counter stands at when nobody wants a trap */

static uint64_t *counter(const struct rtask *t)
{
	struct pages *b = t->mm->buf;
	return b ? (uint64_t *)(b->base + (RUNTIME_TICKS - RUNTIME_DATA)) : NULL;
}

void safepoint_new_program(struct recorder *s)
{
	static const uint64_t start = FAR;
	event_chunk(&s->ev, CH_OUT, RUNTIME_TICKS, &start, sizeof(start));
}

void safepoint_never(struct rtask *t)
{
	static const uint64_t start = FAR;
	mem_write(t->tid, RUNTIME_TICKS, &start, sizeof(start));
}

/* The counter is its address space's, and counts for the task that runs there. */
void safepoint_enter(struct rtask *t)
{
	uint64_t *c = counter(t);
	if (!c || t->mm->owner == t)
		return;
	*c = FAR;
	t->passed = t->lowered = 0;
}

/* The task may be running when its counter is lowered. It shares our CPU, so it is between
 * two instructions; but where flags are live a stub loads the counter, and stores it later:
 * then ours is lost, and the counter is far away still. */
static void settle(struct rtask *t, const uint64_t *c)
{
	if (t->lowered && *c > FAR / 2)
		t->passed += t->lowered;
	t->lowered = 0;
}

/* Passes of which the counter does not know are in t->passed, times RUNTIME_TICK. */
static void set(struct rtask *t, uint64_t *c, uint64_t value)
{
	settle(t, c);
	t->passed += value - *c;
	*c = value;
}

void safepoint_limit(struct rtask *t, uint64_t passes)
{
	uint64_t *c = counter(t);
	if (c && t->mm->owner == t)
		set(t, c, passes * RUNTIME_TICK);
}

#define AFTER_HANDLER 200

/* Where a handler has just returned, some safepoints go by: the first may be the one that was
 * interrupted (an indirect jump counts before it goes), and where signals are always due the
 * code would never get beyond. */
void safepoint_arm(struct rtask *t)
{
	uint64_t value = (t->nr == SYS_rt_sigreturn ? AFTER_HANDLER : 1) * RUNTIME_TICK;
	uint64_t *c = counter(t);
	if (!c || t->mm->owner != t || *c < FAR / 2)
		return;
	uint64_t by = *c - value;
	set(t, c, value);
	t->lowered = by;
}

uint64_t safepoint_take(struct rtask *t)
{
	uint64_t *c = counter(t);
	if (!c || t->mm->owner != t)
		return 0;
	set(t, c, FAR);
	uint64_t n = t->passed / RUNTIME_TICK;
	t->passed = 0;
	return n;
}

void safepoint_give_back(struct rtask *t, uint64_t n)
{
	t->passed += n * RUNTIME_TICK;
}

/* --- the trap --- */

static void log_safepoint(struct recorder *s, struct rtask *t, const regs_t *r, uint64_t ticks, int steps)
{
	struct event *ev = log_begin(s, t, EV_SAFEPOINT, 0);
	ev->ticks = ticks;
	ev->arg[0] = steps;
	log_regs(s, r);
	log_put(s);
	s->stats.preempted++;
}

bool safepoint_beyond(struct recorder *s, struct rtask *t)
{
	regs_t r;
	bool stopped = false;
	if (!s->chaos || t->interrupted || t->mm->refs < 2 || !counter(t) || t->mm->owner != t || t->held.n ||
	    pt_getregs(t->tid, &r))
		return false;
	safepoint_take(t);
	int steps = chaos_steps(s, t, &r, &stopped);
	if (steps > 0) {
		safepoint_take(t);
		log_safepoint(s, t, &r, 0, steps);
		return false;
	}
	if (stopped)
		stop_handle(s, t);
	else if (steps < 0)
		sched_resume(s, t, PTRACE_CONT, 0, TS_USER);
	return steps < 0;
}

/* Others go on, here or a few instructions later. */
static void switch_here(struct recorder *s, struct rtask *t, regs_t *r)
{
	uint64_t n = safepoint_take(t);
	bool stopped = false;
	int steps = s->chaos ? chaos_steps(s, t, r, &stopped) : 0;
	if (steps >= 0) {
		safepoint_take(t); /* what the steps passed */
		log_safepoint(s, t, r, n, steps);
		sched_set_aside(s, t);
		return;
	}
	safepoint_give_back(t, n);
	if (stopped)
		stop_handle(s, t);
	else
		sched_resume(s, t, PTRACE_CONT, 0, TS_USER);
}

static bool turn_over(struct recorder *s, struct rtask *t)
{
	t->at_safepoint = true;
	bool over = sched_turn_over(s, t);
	t->at_safepoint = false;
	return over;
}

bool safepoint_trap(struct recorder *s, struct rtask *t, regs_t *r)
{
	uint8_t before[SAFE_BEFORE] = {0};
	uint64_t *c = counter(t);
	if (!c || !placed_area(&t->mm->images, r->rip - 1))
		return false;
	mem_read(t->tid, r->rip - 1 - SAFE_BEFORE, before, SAFE_BEFORE);
	signal_undo_force(t, SIGTRAP);
	set(t, c, FAR);
	/* It must make no difference that it was this one that trapped. */
	r->eflags = safe_flags(before, r->eflags);
	t->nr = -1;
	t->result = 0;
	if (pt_setregs(t->tid, r))
		t->state = TS_EXITING;
	else if (t->stop_later) {
		log_safepoint(s, t, r, safepoint_take(t), 0);
		stop_put_off(s, t);
	} else if (t->held.n && signal_at_station(s, t, SIG_AT_SAFEPOINT)) {
		return true;
	} else if (turn_over(s, t)) {
		switch_here(s, t, r);
	} else {
		sched_resume(s, t, PTRACE_CONT, 0, TS_USER);
	}
	return true;
}

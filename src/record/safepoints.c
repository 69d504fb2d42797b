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

#define STEPS_MORE 40 /* instructions, to get out of a stub */

static void log_safepoint(struct recorder *s, struct rtask *t, const regs_t *r, uint64_t ticks, int steps)
{
	struct event *ev = log_begin(s, t, EV_SAFEPOINT, 0);
	ev->ticks = ticks;
	ev->arg[0] = steps;
	log_regs(s, r);
	log_put(s);
	s->stats.preempted++;
}

/* With record --chaos: `t` is at a safepoint, with registers `r`. Let it make a few instructions more, so
 * that it is interrupted between safepoints too. How many; -1: it cannot rest there; *stopped: because
 * another stop has come, which waits in its status. */
static int step_beyond(struct recorder *s, struct rtask *t, regs_t *r, bool *stopped)
{
	int want = (int)chaos_steps(s, t), done = 0;
	*stopped = false;
	/* Inside of a stub nothing can rest, but at its trap: go on until it is left. */
	for (; done < want + STEPS_MORE && (done < want || (done && placed_area(&t->mm->images, r->rip)));
	     done++) {
		int rc = stop_single_step(s, t, r);
		if (rc < 0)
			*stopped = true;
		if (rc <= 0)
			break;
	}
	if (*stopped || (done && placed_area(&t->mm->images, r->rip)))
		return -1;
	return done;
}

struct action safepoint_beyond(struct recorder *s, struct rtask *t)
{
	regs_t r;
	bool stopped = false;
	if (!s->chaos || t->interrupted || t->mm->refs < 2 || !safepoint_counts(t) || t->mm->owner != t ||
	    t->held.n || pt_getregs(t->tid, &r))
		return act(ACT_NOT_MINE);
	safepoint_take(t);
	int steps = step_beyond(s, t, &r, &stopped);
	if (steps > 0) {
		safepoint_take(t);
		log_safepoint(s, t, &r, 0, steps);
	}
	if (steps >= 0)
		return act(ACT_NOT_MINE);
	return stopped ? act(ACT_AGAIN) : act_user();
}

/* Others go on, here or a few instructions later. */
static struct action switch_here(struct recorder *s, struct rtask *t, regs_t *r)
{
	uint64_t n = safepoint_take(t);
	bool stopped = false;
	int steps = s->chaos ? step_beyond(s, t, r, &stopped) : 0;
	if (steps >= 0) {
		safepoint_take(t); /* what the steps passed */
		log_safepoint(s, t, r, n, steps);
		return act(ACT_PARK);
	}
	safepoint_give_back(t, n);
	return stopped ? act(ACT_AGAIN) : act_user();
}

static bool turn_over(struct recorder *s, struct rtask *t)
{
	t->at_safepoint = true;
	bool over = sched_turn_over(s, t);
	t->at_safepoint = false;
	return over;
}

struct action safepoint_trap(struct recorder *s, struct rtask *t, regs_t *r)
{
	uint8_t before[SAFE_BEFORE] = {0};
	if (!safepoint_counts(t) || !placed_area(&t->mm->images, r->rip - 1))
		return act(ACT_NOT_MINE);
	mem_read(t->tid, r->rip - 1 - SAFE_BEFORE, before, SAFE_BEFORE);
	signal_undo_force(t, SIGTRAP);
	safepoint_far(t);
	/* It must make no difference that it was this one that trapped. */
	r->eflags = safe_flags(before, r->eflags);
	t->nr = -1;
	t->result = 0;
	if (pt_setregs(t->tid, r))
		return act(ACT_GONE);
	if (t->stop_later) {
		log_safepoint(s, t, r, safepoint_take(t), 0);
		return stop_put_off(t);
	}
	if (traced_due(t)) {
		log_safepoint(s, t, r, safepoint_take(t), 0);
		return act_station(0);
	}
	bool held = t->held.n && !t->traced;
	struct action a = held ? signal_at_station(s, t, SIG_AT_SAFEPOINT) : act(ACT_NOT_MINE);
	if (a.what)
		return a;
	return turn_over(s, t) ? switch_here(s, t, r) : act_user();
}

/* Tasks that compute for long in code without safepoints (JIT compilers' code, files that could
 * not be analysed), while others, or signals, wait. Nothing there counts, so the task is stopped
 * wherever it is, and the event says what that moment looks like (task/moment.h). Replay waits
 * for the same look. */
#include "record/session.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>

#include "base/err.h"
#include "rewrite/detour.h"
#include "task/moment.h"
#include "task/tsc.h"

#define STALL_NS 40000000ull /* how long they wait before that, divided by how many they are */
#define STALL_LEAST_NS 10000000ull
#define STEPS_MAX 60  /* single steps to an instruction that replay can put a jump at */
#define COST_FACTOR 3 /* summing memory must not take more than a part of the time */

const char *stall_why_not(const struct rtask *t)
{
	return t->mm->torn    ? "a thread of its process was killed in the middle of its code, so replay "
				"cannot tell by its memory where it was"
	       : t->no_moment ? "more than 256 MB of its memory is shared and can be written"
			      : "no place in its code was found by which replay would know where it was";
}

void stall_look(struct recorder *s, struct rtask *t, unsigned waiting, uint64_t since)
{
	uint64_t now = coarse_ns(), patience = STALL_NS / (waiting ? waiting : 1);
	if (!t->wanted_since)
		t->wanted_since = since ? since : now;
	if (patience < STALL_LEAST_NS)
		patience = STALL_LEAST_NS;
	if (patience < COST_FACTOR * s->sum_ns)
		patience = COST_FACTOR * s->sum_ns;
	if (t->mm->torn || now - t->wanted_since < patience)
		return;
	t->wanted_since = now;
	t->stalled = !ptrace(PTRACE_INTERRUPT, t->tid, 0, 0);
}

/* Is the instruction at `ip` one at which replay can find the moment? */
static bool good_place(struct rtask *t, uint64_t ip)
{
	static _Thread_local uint8_t bytes[2 * DETOUR_LOOK];
	struct detour d;
	const struct mapping *m = space_find(&t->mm->space, ip);
	if (!m || (m->recorded.flags & MAPF_SHARED && !(m->recorded.prot & PROT_WRITE)))
		return false;
	struct live_code c;
	return !detour_look(t->tid, &t->mm->space, ip, bytes, &c) &&
	       (!detour_plan(&c, ip, &d) || detour_still(&c, ip));
}

/* Step to a good place. 1: it is there; 0: there is none near; -1: something else has stopped
 * the task. */
static int to_good_place(struct recorder *s, struct rtask *t, regs_t *r)
{
	for (unsigned i = 0; i < STEPS_MAX; i++) {
		if (buffer_inside(r) || placed_area(&t->mm->images, r->rip))
			return 0;
		if (good_place(t, r->rip))
			return 1;
		int rc = stall_step(s, t, r);
		if (rc <= 0)
			return rc;
	}
	return 0;
}

/* 0, or -1: it cannot be told from others. */
static int log_moment(struct recorder *s, struct rtask *t, regs_t *r, const struct pass_words *w)
{
	struct buf b = {0};
	uint8_t *xstate = NULL;
	uint64_t start = coarse_ns();
	buffer_note(s, t->mm); /* memory that they have mapped counts */
	fetch_show(t, false);
	int rc = moment_take(t->tid, &t->mm->space, r, w->at, w->n, &b);
	fetch_show(t, true);
	s->sum_ns = coarse_ns() - start;
	t->no_moment = rc == -EFBIG;
	if (rc) {
		buf_free(&b);
		return -1;
	}
	/* Not before it is certain: buffered calls go on record with the event that follows. */
	struct event *ev = log_begin(s, t, EV_SAFEPOINT, SAFE_MOMENT);
	r->eflags &= MOMENT_FLAGS | 0x202; /* IF and the bit that is always set */
	r->orig_rax = (uint64_t)-1;
	log_regs(s, r);
	xstate = log_alloc(s, XSTATE_MAX);
	ssize_t n = pt_xstate(t->tid, xstate, XSTATE_MAX);
	if (n > 0) {
		ev->flags |= EVF_XSTATE;
		ev->xstate = xstate;
		ev->xstate_len = (size_t)n;
	}
	ev->blob = b.data;
	ev->blob_len = b.len;
	log_put(s);
	buf_free(&b);
	s->stats.moments++;
	return 0;
}

/* It is on record where the task is: whoever waited has his turn. */
static struct action go_on(struct recorder *s, struct rtask *t)
{
	stall_over(t);
	if (t->stop_later)
		return stop_put_off(t);
	if (traced_due(t))
		return act_station(0);
	struct action a =
		t->held.n && !t->traced ? signal_at_station(s, t, SIG_AT_STATION) : act(ACT_NOT_MINE);
	if (a.what)
		return a;
	return sched_turn_over(s, t) ? act(ACT_PARK) : act_user();
}

struct action stall_stop(struct recorder *s, struct rtask *t)
{
	regs_t r;
	if (pt_getregs(t->tid, &r))
		return act(ACT_GONE);
	struct pass_words w = {.n = 0};
	int rc = to_good_place(s, t, &r);
	if (rc == 1)
		rc = passes_learn(s, t, &r, &w);
	if (!rc) /* it does not come by there soon */
		rc = to_good_place(s, t, &r);
	if (rc < 0)
		return act(ACT_AGAIN);
	if (!rc || log_moment(s, t, &r, &w)) {
		struct action a = act_user();
		a.stretch = true;
		return a;
	}
	t->nr = -1;
	t->result = 0;
	return go_on(s, t);
}

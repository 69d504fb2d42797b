/* Stepping back: to just before the last instruction of a task. */
#include "debug/travel.h"

/* A position before `p` from which the task goes on to it, not far away. */
static int before(struct timeline *tl, int32_t tid, const struct position *p, struct position *out)
{
	*out = *p;
	out->vague = false;
	out->nmoves = 0;
	if (p->nmoves)
		return 0;
	if (p->ticks || p->calls) {
		out->ticks = p->ticks ? p->ticks - 1 : 0;
		out->calls = out->ticks ? CALLS_ANY : 0;
		return 0;
	}
	struct history_run run;
	if (history_before(tl->history, p->event, tid, &run))
		return -1;
	out->event = run.from;
	out->ticks = run.ticks ? run.ticks - 1 : 0;
	out->calls = out->ticks ? CALLS_ANY : 0;
	return 0;
}

/* Go to `p` by single instructions of task `tid`. Watchpoints on the way stop the replay, which goes on. */
static void go_counting(struct timeline *tl, int32_t tid, const struct position *p, struct stop *stop)
{
	struct request q = {.until = p, .count = tid, .blind = true};
	do
		travel_run(tl, q, stop);
	while (travel_is_hit(stop));
}

/* While other tasks go on, `tid` stands where it came to last: go there. 0 or -1, *stop says why. */
static int go_to_own(struct timeline *tl, int32_t tid, struct position *home, struct stop *stop)
{
	struct history_run run = {0};
	bool inside = home->nmoves || home->ticks || home->calls;
	if (inside && history_next(tl->history, home->event) == tid)
		return 0;
	if (history_before(tl->history, home->event, tid, &run) || !(inside || run.others))
		return 0;
	*home = (struct position){.event = run.at};
	travel_to(tl, home, stop);
	return stop->why == STOP_POSITION ? 0 : -1;
}

/* Step back from `home`, whose position does not end with steps: go to a place before it, and count the
 * instructions that lead from there to `home`. */
static void back_counting(struct timeline *tl, int32_t tid, const struct position *home, struct stop *stop)
{
	struct position from = *home, base, to;
	do {
		if (before(tl, tid, &from, &base)) { /* it has made none yet */
			*stop = (struct stop){.why = STOP_END, .tid = tid, .at = replay_position(tl->r)};
			return;
		}
		travel_to(tl, &base, stop);
		if (stop->why != STOP_POSITION)
			return;
		from = replay_position(tl->r);
		mark_make(&tl->marks);
		go_counting(tl, tid, home, stop);
		if (stop->why != STOP_POSITION)
			return;
		/* The place may have two names with no instruction between them: then begin further back. */
	} while (stop->none);
	to = stop->began;
	travel_to(tl, &to, stop);
}

/* To just before the instruction of `tid` that led to `home`. */
static void back_from(struct timeline *tl, int32_t tid, struct position home, struct stop *stop)
{
	if (home.nmoves && home.moves[home.nmoves - 1].kind == MOVE_EXIT)
		home.nmoves--; /* the task has made no instruction to get there */
	if (go_to_own(tl, tid, &home, stop))
		return;
	struct position to = home;
	struct move *last = to.nmoves ? &to.moves[to.nmoves - 1] : NULL;
	if (last && last->kind == MOVE_STEPS) {
		if (!--last->n)
			to.nmoves--;
		travel_to(tl, &to, stop);
	} else {
		back_counting(tl, tid, &home, stop);
	}
}

void step_back(struct timeline *tl, int32_t tid, struct stop *stop)
{
	struct position start;
	struct task_view v;
	if (travel_settle(tl, &start, stop)) {
		travel_failed(stop);
		return;
	}
	back_from(tl, tid, start, stop);
	if (stop->why == STOP_POSITION)
		stop->why = STOP_STEP;
	if (tl->stopped)
		travel_home(tl, &start, stop);
	else if (stop->why == STOP_STEP && replay_task_view(tl->r, tid, &v))
		stop->tid = tid, stop->tgid = v.tgid;
}

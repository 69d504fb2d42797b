/* Running with looks at the clock and the client, and going to a position. */
#include "debug/travel.h"

#include "base/err.h"
#include "task/tsc.h"

#define SLICE_NS 50000000ull	  /* between looks at the clock and the client */
#define PROGRESS_NS 1000000000ull /* what takes longer shows that it goes on */

void travel_output(void *ctx, const struct written *w)
{
	const struct replay_options *o = &((struct timeline *)ctx)->opt.replay;
	o->output(o->ctx, w);
}

void travel_note(void *ctx, const char *text)
{
	const struct replay_options *o = &((struct timeline *)ctx)->opt.replay;
	o->note(o->ctx, text);
}

bool travel_interrupted(void *ctx)
{
	struct timeline *tl = ctx;
	const struct replay_options *o = &tl->opt.replay;
	if (tl->opt.gone && tl->opt.gone(o->ctx))
		return true;
	return !tl->going_home && o->interrupted && o->interrupted(o->ctx);
}

static void show_progress(struct timeline *tl)
{
	uint64_t last = replay_last_event(tl->r);
	if (tl->opt.progress && coarse_ns() - tl->began > PROGRESS_NS)
		tl->opt.progress(tl->opt.replay.ctx, tl->doing,
				 last ? (unsigned)(replay_event(tl->r) * 1000 / last) : 0);
}

/* Slices add up over several calls: the clock and the client are looked at even if the replay stops for other
 * reasons, signals say, more often than once a slice. */
bool travel_slice(struct timeline *tl, struct request *q, struct stop *stop)
{
	uint64_t t = coarse_ns(), took;
	q->slice_ns = tl->slice < SLICE_NS ? SLICE_NS - tl->slice : 1;
	replay_resume(tl->r, q, stop);
	took = coarse_ns() - t;
	tl->marks.t += took;
	tl->slice += took;
	if (stop->why != STOP_PAUSE)
		return false;
	tl->slice = 0;
	tl->stopped |= travel_interrupted(tl);
	if (!tl->stopped)
		show_progress(tl);
	return !tl->stopped;
}

void travel_run(struct timeline *tl, struct request q, struct stop *stop)
{
	while (travel_slice(tl, &q, stop))
		marks_pass(&tl->marks, false);
}

void travel_begin(struct timeline *tl, const char *doing)
{
	tl->doing = doing;
	tl->began = coarse_ns();
	tl->stopped = false;
}

void travel_failed(struct stop *stop)
{
	*stop = (struct stop){.why = STOP_FAILED, .text = err_msg()};
}

/* Put the replay at `p` or before it, as near as it is known. */
static int go_before(struct timeline *tl, const struct position *p)
{
	bool known;
	struct position here = replay_position(tl->r);
	size_t i = marks_behind(&tl->marks, p);
	int c = position_compare(&here, p, &known);
	bool from_here = known && c <= 0 && !here.vague;
	if (from_here &&
	    (!i || position_compare(checkpoint_position(tl->marks.all.at[i - 1].c), &here, &known) <= 0))
		return 0;
	if (i)
		return mark_restore(&tl->marks, &tl->marks.all.at[i - 1]);
	if (from_here)
		return 0;
	char text[POSITION_TEXT];
	position_text(checkpoint_position(tl->marks.all.at[0].c), text);
	return err_set("history begins at %s", text);
}

void travel_to(struct timeline *tl, const struct position *p, struct stop *stop)
{
	if (go_before(tl, p))
		travel_failed(stop);
	else
		travel_run(tl, (struct request){.until = p, .blind = true}, stop);
	/* Watchpoints on the way do not matter. */
	while (stop->why == STOP_WATCH)
		travel_run(tl, (struct request){.until = p, .blind = true}, stop);
}

bool travel_is_hit(const struct stop *stop)
{
	return stop->why != STOP_POSITION && stop->why != STOP_PAUSE && stop->why != STOP_END &&
	       stop->why != STOP_DIVERGED && stop->why != STOP_FAILED;
}

void travel_home(struct timeline *tl, const struct position *home, struct stop *stop)
{
	if (!tl->stopped)
		return;
	tl->stopped = false;
	tl->going_home = true;
	travel_to(tl, home, stop);
	tl->going_home = false;
	if (stop->why == STOP_POSITION)
		stop->why = STOP_PAUSE;
}

int travel_settle(struct timeline *tl, struct position *home, struct stop *stop)
{
	*home = replay_position(tl->r);
	if (!home->vague)
		return 0;
	struct request q = {.slice_ns = 1};
	replay_resume(tl->r, &q, stop);
	*home = replay_position(tl->r);
	return home->vague ? err_set("where the program was interrupted cannot be told; continue first") : 0;
}

void travel_first(struct timeline *tl, struct stop *stop)
{
	*stop = (struct stop){.why = STOP_END};
	if (!tl->marks.all.n || mark_restore(&tl->marks, &tl->marks.all.at[0])) {
		travel_failed(stop);
		return;
	}
	stop->at = replay_position(tl->r);
	stop->tid = replay_current(tl->r);
}

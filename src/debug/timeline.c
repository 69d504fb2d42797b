#include "debug/timeline.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "debug/travel.h"

#define BYTES_DEFAULT (1ull << 30)

struct timeline *timeline_open(const struct timeline_options *opt)
{
	struct timeline *tl = xcalloc(1, sizeof(*tl));
	tl->opt = *opt;
	tl->marks.limit = opt->checkpoint_bytes ? opt->checkpoint_bytes : BYTES_DEFAULT;
	struct replay_options ro = opt->replay;
	ro.ctx = tl;
	ro.interrupted = travel_interrupted;
	ro.output = ro.output ? travel_output : NULL;
	ro.note = ro.note ? travel_note : NULL;
	tl->r = tl->marks.r = replay_open(&ro);
	tl->history = tl->r ? history_open(opt->replay.dir, replay_alone(tl->r)) : NULL;
	if (tl->history)
		return tl;
	timeline_close(tl);
	return NULL;
}

void timeline_close(struct timeline *tl)
{
	marks_clear(&tl->marks);
	known_free(&tl->known);
	if (tl->history)
		history_close(tl->history);
	if (tl->r)
		replay_close(tl->r);
	free(tl);
}

struct replay *timeline_replay(struct timeline *tl)
{
	return tl->r;
}

void timeline_forward(struct timeline *tl, const struct travel *t, struct stop *stop)
{
	travel_begin(tl, "replaying");
	travel_run(tl, (struct request){.step = t->step, .want = t->want}, stop);
}

int timeline_begin(struct timeline *tl)
{
	marks_clear(&tl->marks);
	return mark_make(&tl->marks) ? 0 : -1;
}

void timeline_seek(struct timeline *tl, const struct position *p, struct stop *stop)
{
	travel_begin(tl, "replaying");
	travel_to(tl, p, stop);
}

void timeline_back(struct timeline *tl, const struct travel *t, struct stop *stop)
{
	travel_begin(tl, "searching backwards");
	if (t->step)
		step_back(tl, t->step, stop);
	else
		find_back(tl, t, stop);
	tl->marks.base = tl->marks.seen = NULL;
}

void timeline_rewind(struct timeline *tl, struct stop *stop)
{
	travel_begin(tl, "replaying");
	travel_first(tl, stop);
	if (stop->why == STOP_END)
		stop->why = STOP_POSITION;
}

/* --- time --- */

/* The trace tells the time of events to about as much. In a longer run to the next one time goes by the
 * safepoints that are passed. */
#define LONG_RUN_NS 100000000ull

const struct position *timeline_first(const struct timeline *tl)
{
	return checkpoint_position(tl->marks.all.at[0].c);
}

uint64_t timeline_station(const struct timeline *tl, uint64_t event)
{
	return history_station(tl->history, event);
}

uint64_t timeline_start(const struct timeline *tl)
{
	return history_start(tl->history);
}

uint64_t timeline_time(const struct timeline *tl, uint64_t event)
{
	return history_time(tl->history, event);
}

/* The last event that was recorded by then. */
static uint64_t event_at(const struct timeline *tl, uint64_t ns)
{
	uint64_t lo = 0, hi = replay_last_event(tl->r);
	while (lo < hi) {
		uint64_t mid = hi - (hi - lo) / 2;
		if (timeline_time(tl, mid) <= ns)
			lo = mid;
		else
			hi = mid - 1;
	}
	return lo;
}

void timeline_at_time(const struct timeline *tl, uint64_t ns, struct position *p)
{
	const struct position *first = timeline_first(tl);
	uint64_t event = event_at(tl, ns), from = timeline_time(tl, event), to;
	struct history_run run;
	*p = event <= first->event ? *first : (struct position){.event = event};
	if (event < first->event || !history_run_behind(tl->history, event, &run))
		return;
	to = timeline_time(tl, run.at);
	if (to < from + LONG_RUN_NS || ns <= from || run.from < first->event)
		return;
	uint64_t ticks = (uint64_t)((double)run.ticks * (double)(ns - from) / (double)(to - from));
	if (ticks)
		*p = (struct position){.event = run.from, .calls = CALLS_ANY, .ticks = ticks};
}

/* --- the client's own checkpoints --- */

int timeline_keep(struct timeline *tl, const struct stop *stop)
{
	struct position here = replay_position(tl->r);
	struct mark *m = mark_find(&tl->marks, &here);
	if (!m)
		m = mark_make(&tl->marks);
	if (!m)
		return here.vague
			       ? err_set("where the program was interrupted cannot be told; continue first")
			       : -1;
	if (!m->number)
		m->number = ++tl->marks.last_number;
	m->stop = *stop;
	m->stop.text = NULL;
	return m->number;
}

int timeline_return(struct timeline *tl, int number, struct stop *stop)
{
	struct mark *m = number > 0 ? mark_numbered(&tl->marks, number) : NULL;
	if (!m || mark_restore(&tl->marks, m))
		return -1;
	*stop = m->stop;
	return 0;
}

int timeline_drop(struct timeline *tl, int number)
{
	struct mark *m = number > 0 ? mark_numbered(&tl->marks, number) : NULL;
	if (!m)
		return -1;
	m->number = 0;
	return 0;
}

struct timeline_counts timeline_counts(const struct timeline *tl)
{
	return (struct timeline_counts){(unsigned)tl->marks.all.n, tl->marks.bytes};
}

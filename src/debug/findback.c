/* Searching backwards for the last stop: from the nearest checkpoint forwards, then from the one before. */
#include "debug/travel.h"

#include "base/err.h"

/* The last stop that was seen: the `count`-th behind mark `from`. */
struct seen {
	struct position from;
	unsigned count;
	struct stop stop;
};

static bool wanted(const struct travel *how, const struct stop *stop)
{
	return !how->wanted || how->wanted(how->ctx, stop);
}

/* At the end of a slice of time: a new mark becomes the one that stops are counted from. */
static void count_anew(struct timeline *tl, struct seen *next, const struct position *end)
{
	struct position here = replay_position(tl->r);
	const struct mark *m = marks_pass(&tl->marks, true) ? mark_find(&tl->marks, &here) : NULL;
	bool leads;
	position_compare(&here, end, &leads);
	if (!m || !leads) /* by its name alone nobody gets from there to `end` */
		return;
	next->from = here;
	next->count = 0;
	tl->marks.base = m->c;
}

/* A scan has come to a stop. Does it count? 1; 0: no; -1: the scan is over, at `end` or because of an error.
 * A stop at `end` counts with `there`. Watchpoints stop behind what they tell of: that is before `end` in
 * any case. */
static int judge(struct stop *stop, const struct position *end, bool there)
{
	enum stop_why why = stop->why;
	if (why == STOP_POSITION) {
		if (!stop->also || (!there && stop->other != STOP_WATCH))
			return -1;
		stop->why = stop->other;
		return 1;
	}
	if (!travel_is_hit(stop))
		return -1;
	/* Without `there`, a stop at `end` is where the search comes from. */
	return there || why == STOP_WATCH || !position_equal(&stop->at, end);
}

/* Run from a mark to `end`, and remember the last stop on the way. With `there`, one at the end counts.
 * 1: there was one; 0; -1: *stop says why it did not get there. */
static int scan(struct timeline *tl, const struct mark *from, const struct position *end, bool there,
		const struct travel *how, struct seen *seen, struct stop *stop)
{
	struct request q = {.until = end, .want = how->want};
	struct seen next = {.from = *checkpoint_position(from->c)};
	bool any = false;
	int counts;
	tl->marks.base = from->c;
	if (mark_restore(&tl->marks, from))
		return travel_failed(stop), -1;
	/* Marks are added on the way: `from` is not valid any more. */
	do {
		while (travel_slice(tl, &q, stop))
			count_anew(tl, &next, end);
		counts = judge(stop, end, there);
		if (counts < 0)
			return stop->why == STOP_POSITION ? any : -1;
		if (counts && wanted(how, stop)) {
			any = true;
			tl->marks.seen = tl->marks.base;
			next.count++;
			next.stop = *stop;
			*seen = next;
		}
	} while (!counts || !position_equal(&stop->at, end));
	return any;
}

/* Go to a stop that was seen. */
static void go_to_seen(struct timeline *tl, const struct seen *seen, const struct position *end,
		       const struct travel *how, struct stop *stop)
{
	struct mark *m = mark_find(&tl->marks, &seen->from);
	struct request q = {.until = end, .want = how->want};
	if (!m || mark_restore(&tl->marks, m)) {
		travel_failed(stop);
		return;
	}
	for (unsigned n = 0; n < seen->count;) {
		travel_run(tl, q, stop);
		if (stop->why == STOP_POSITION && stop->also)
			stop->why = stop->other;
		if (!travel_is_hit(stop))
			return;
		n += wanted(how, stop);
	}
	if (!position_equal(&stop->at, &seen->stop.at)) {
		err_set("going back did not lead to the place that was seen: this is a bug of Reprise");
		travel_failed(stop);
	}
}

/* A watchpoint's stop is behind the instruction, or the event, that it tells of: go to before that. */
static void before_watched(struct timeline *tl, struct stop *stop)
{
	struct stop hit = *stop;
	struct position to = {0};
	bool inside = hit.at.nmoves || hit.at.ticks || hit.at.calls;
	if (!inside && history_effect(tl->history, hit.at.event, &to.event))
		travel_to(tl, &to, stop);
	else
		step_back(tl, hit.tid, stop);
	if (stop->why != STOP_STEP && stop->why != STOP_POSITION)
		return;
	hit.at = stop->at;
	*stop = hit;
}

/* The client is where a search has led to. Keep that place: it may come back there. */
static void arrive(struct timeline *tl, const struct travel *how, struct gap *g, const struct stop *stop)
{
	struct position here = replay_position(tl->r);
	if (!how->key || !travel_is_hit(stop) || here.vague)
		return;
	struct mark *m = mark_find(&tl->marks, &here);
	if (!m)
		m = mark_make(&tl->marks);
	if (m) {
		m->place = ++tl->marks.places;
		marks_bound(&tl->marks);
	}
	g->stops = true;
	g->stop = *stop;
	g->stop.text = NULL;
	g->at = here;
	known_add(&tl->known, g);
}

/* Go to the stop that is known to be before a gap, if the place was kept. */
static bool go_to_known(struct timeline *tl, const struct gap *g, struct stop *stop)
{
	struct mark *m = g->stops ? mark_find(&tl->marks, &g->at) : NULL;
	if (!m || mark_restore(&tl->marks, m))
		return false;
	*stop = g->stop;
	return true;
}

/* What is known of the history before *end: go to the stop before; or *end becomes where nothing is known
 * any more. True: *stop is what the client asked for. */
static bool use_known(struct timeline *tl, const struct travel *how, struct position *end, bool *there,
		      struct stop *stop)
{
	const struct gap *g;
	while (how->key && (g = known_find(&tl->known, how->key, end, *there))) {
		if (go_to_known(tl, g, stop))
			return true;
		if (g->stops)
			break; /* it has to be searched for again */
		*end = g->lo;
		*there = true;
	}
	return false;
}

/* A stop was seen before `end`: the client is taken there, and `g` is known to begin there. */
static void go_to_found(struct timeline *tl, const struct seen *seen, const struct position *end,
			const struct travel *how, struct gap *g, struct stop *stop)
{
	go_to_seen(tl, seen, end, how, stop);
	if (stop->why == STOP_WATCH)
		before_watched(tl, stop);
	g->lo = seen->stop.at;
	arrive(tl, how, g, stop);
}

/* Nothing stops between `end`, where stops count with `there`, and where the search began. */
static void note_none(struct timeline *tl, const struct gap *g, bool there)
{
	if (g->key && there)
		known_add(&tl->known, g);
}

void find_back(struct timeline *tl, const struct travel *how, struct stop *stop)
{
	struct position home, end;
	struct seen seen;
	bool there = false;
	int rc;
	if (travel_settle(tl, &home, stop)) {
		travel_failed(stop);
		return;
	}
	end = home;
	while (!use_known(tl, how, &end, &there, stop)) {
		struct gap g = {.key = how->key, .lo = end, .hi = home};
		const struct mark *m = mark_before(&tl->marks, &end);
		if (!m) {
			note_none(tl, &g, there);
			travel_first(tl, stop);
			return;
		}
		const struct position from = *checkpoint_position(m->c);
		rc = scan(tl, m, &end, there, how, &seen, stop);
		if (rc > 0)
			go_to_found(tl, &seen, &end, how, &g, stop);
		else if (rc < 0 && tl->stopped)
			note_none(tl, &g, there);
		if (rc < 0)
			travel_home(tl, &home, stop);
		if (rc)
			return;
		end = from;
		there = true;
	}
}

#include "debug/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "debug/history.h"
#include "debug/known.h"
#include "task/tsc.h"

#define SLICE_NS 50000000ull	  /* between looks at the clock and the client */
#define GAP_NS 50000000ull	  /* between checkpoints, right behind where one is, */
#define GAP_PART 6		  /* and one sixth of the age of older ones */
#define PAGE_NS 10000ull	  /* what it costs to write to a page for the first time since a checkpoint */
#define PAGES_PART 5		  /* such costs are to be one fifth of the time forwards */
#define PROGRESS_NS 1000000000ull /* what takes longer shows that it goes on */
#define BYTES_DEFAULT (1ull << 30)
#define PLACES_KEPT 4 /* where searches backwards have led, last */
#define LOOK_EVERY 8  /* checkpoints made between looks at how much memory they take */

struct mark {
	struct checkpoint *c;
	uint64_t t;	  /* ns of replay that lead there */
	int number;	  /* of those that the client keeps; 0: may go */
	struct stop stop; /* what the client was told there, of those */
	unsigned place;	  /* tl->places when one led there; 0: none */
};

struct timeline {
	struct timeline_options opt;
	struct replay *r;
	struct history *history;
	VEC(struct mark) marks; /* in order */
	uint64_t t;		/* where the replay is, in ns */
	uint64_t bytes;		/* that checkpoints take, about */
	uint64_t touched;	/* replay_touched at the last look */
	unsigned made;
	int last_number;
	struct known known;
	unsigned places; /* counts stops that searches backwards have led to */
	/* While it is searched backwards: the one that stops are counted from, and the one that the last stop
	 * seen was. They stay. */
	const struct checkpoint *base, *seen;
	uint64_t began;	 /* when what the client waits for began */
	bool stopped;	 /* the client has interrupted it */
	bool going_home; /* to where it was before that: not to be interrupted */
};

static void show_output(void *ctx, int fd, const void *data, size_t len)
{
	const struct replay_options *o = &((struct timeline *)ctx)->opt.replay;
	o->output(o->ctx, fd, data, len);
}

static void show_note(void *ctx, const char *text)
{
	const struct replay_options *o = &((struct timeline *)ctx)->opt.replay;
	o->note(o->ctx, text);
}

static bool is_interrupted(void *ctx)
{
	struct timeline *tl = ctx;
	const struct replay_options *o = &tl->opt.replay;
	return !tl->going_home && o->interrupted && o->interrupted(o->ctx);
}

struct timeline *timeline_open(const struct timeline_options *opt)
{
	struct timeline *tl = xcalloc(1, sizeof(*tl));
	tl->opt = *opt;
	if (!tl->opt.checkpoint_bytes)
		tl->opt.checkpoint_bytes = BYTES_DEFAULT;
	struct replay_options ro = opt->replay;
	ro.ctx = tl;
	ro.interrupted = is_interrupted;
	ro.output = ro.output ? show_output : NULL;
	ro.note = ro.note ? show_note : NULL;
	tl->r = replay_open(&ro);
	tl->history = tl->r ? history_open(opt->replay.dir, replay_alone(tl->r)) : NULL;
	if (tl->history)
		return tl;
	timeline_close(tl);
	return NULL;
}

void timeline_close(struct timeline *tl)
{
	for (size_t i = 0; i < tl->marks.n; i++)
		checkpoint_free(tl->marks.at[i].c);
	VEC_FREE(&tl->marks);
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

/* --- checkpoints --- */

static void remove_mark(struct timeline *tl, size_t i)
{
	checkpoint_free(tl->marks.at[i].c);
	memmove(&tl->marks.at[i], &tl->marks.at[i + 1], (--tl->marks.n - i) * sizeof(*tl->marks.at));
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* How far from one another checkpoints at time `t` should be. */
static uint64_t gap_at(const struct timeline *tl, uint64_t t)
{
	uint64_t gap = distance(tl->t, t) / GAP_PART;
	return gap > GAP_NS ? gap : GAP_NS;
}

static bool may_go(const struct timeline *tl, const struct mark *m)
{
	bool visited = m->place && tl->places - m->place < PLACES_KEPT;
	return !m->number && !visited && m->c != tl->base && m->c != tl->seen;
}

/* Thin them out with their distance from where we are: so many remain as the logarithm of the time. The
 * first one stays: all history begins there. */
static void thin(struct timeline *tl)
{
	for (size_t i = 1; i + 1 < tl->marks.n;) {
		const struct mark *m = &tl->marks.at[i];
		uint64_t between = m[1].t - m[-1].t;
		if (may_go(tl, m) && between < gap_at(tl, m->t))
			remove_mark(tl, i);
		else
			i++;
	}
}

static uint64_t measure(struct timeline *tl)
{
	tl->bytes = 0;
	for (size_t i = 0; i < tl->marks.n; i++)
		tl->bytes += checkpoint_bytes(tl->marks.at[i].c);
	return tl->bytes;
}

/* The one whose loss costs least: where its neighbours are close, for how far away it is. */
static size_t least(const struct timeline *tl)
{
	size_t best = 0;
	double cost = 0;
	for (size_t i = 1; i < tl->marks.n; i++) {
		const struct mark *m = &tl->marks.at[i];
		uint64_t end = i + 1 < tl->marks.n ? m[1].t : m->t + GAP_NS;
		double c = (double)(end - m[-1].t) / (double)gap_at(tl, m->t);
		if (may_go(tl, m) && (!best || c < cost)) {
			best = i;
			cost = c;
		}
	}
	return best;
}

/* Memory that the replay has touched first since the last look. */
static uint64_t grown(const struct timeline *tl)
{
	uint64_t now = replay_touched(tl->r);
	return now - (now < tl->touched ? 0 : tl->touched);
}

/* Keep to the bound, also until the next look: as much memory may be touched till then as since the last
 * one. To measure takes some milliseconds, so it is done where the bound may be near. */
static void bound(struct timeline *tl)
{
	uint64_t more = grown(tl);
	size_t i;
	tl->touched = replay_touched(tl->r);
	tl->bytes += more;
	if (tl->bytes + more <= tl->opt.checkpoint_bytes && ++tl->made % LOOK_EVERY)
		return;
	while (measure(tl) + more > tl->opt.checkpoint_bytes && (i = least(tl)))
		remove_mark(tl, i);
}

/* The first mark behind position `p`, as far as can be told; marks that cannot be told from it count as
 * behind. */
static size_t mark_behind(const struct timeline *tl, const struct position *p)
{
	bool known;
	size_t i = 0;
	while (i < tl->marks.n) {
		int c = position_compare(checkpoint_position(tl->marks.at[i].c), p, &known);
		if (!known || c > 0)
			break;
		i++;
	}
	return i;
}

static bool is_marked(const struct timeline *tl, const struct position *p)
{
	for (size_t i = 0; i < tl->marks.n; i++) {
		if (position_equal(checkpoint_position(tl->marks.at[i].c), p))
			return true;
	}
	return false;
}

/* Keep where the replay is. NULL: it could not be done, which costs time later, no more. */
static struct mark *make_mark(struct timeline *tl)
{
	struct position here = replay_position(tl->r);
	if (here.vague || is_marked(tl, &here))
		return NULL;
	struct checkpoint *c = replay_checkpoint(tl->r);
	if (!c)
		return NULL;
	size_t i = mark_behind(tl, &here);
	if (i && tl->marks.at[i - 1].t > tl->t)
		tl->t = tl->marks.at[i - 1].t;
	if (i < tl->marks.n && tl->marks.at[i].t < tl->t)
		tl->t = tl->marks.at[i].t;
	(void)*VEC_PUSH(&tl->marks);
	memmove(&tl->marks.at[i + 1], &tl->marks.at[i], (tl->marks.n - 1 - i) * sizeof(*tl->marks.at));
	tl->marks.at[i] = (struct mark){.c = c, .t = tl->t};
	return &tl->marks.at[i];
}

/* On the way: is it time for one? After one the program's pages are copied as it writes to them; forwards
 * (not `close`) that is to cost no more than a part of the time. */
static bool pass(struct timeline *tl, bool close)
{
	struct position here = replay_position(tl->r);
	size_t i = mark_behind(tl, &here);
	uint64_t before = i ? tl->t - tl->marks.at[i - 1].t : UINT64_MAX;
	if (before < GAP_NS || (i < tl->marks.n && tl->marks.at[i].t < tl->t + GAP_NS))
		return false;
	if (!close && before < grown(tl) / 4096 * PAGE_NS * PAGES_PART)
		return false;
	if (!make_mark(tl))
		return false;
	thin(tl);
	bound(tl);
	return true;
}

/* --- running --- */

static void show_progress(struct timeline *tl)
{
	uint64_t last = replay_last_event(tl->r);
	if (tl->opt.progress && coarse_ns() - tl->began > PROGRESS_NS)
		tl->opt.progress(tl->opt.replay.ctx,
				 last ? (unsigned)(replay_event(tl->r) * 1000 / last) : 0);
}

/* As replay_resume, with looks at the clock and the client on the way. */
static void run(struct timeline *tl, struct request q, struct stop *stop)
{
	q.slice_ns = SLICE_NS;
	for (;;) {
		uint64_t t = coarse_ns();
		replay_resume(tl->r, &q, stop);
		tl->t += coarse_ns() - t;
		if (stop->why != STOP_PAUSE)
			return;
		tl->stopped |= is_interrupted(tl);
		if (tl->stopped)
			return;
		pass(tl, false);
		show_progress(tl);
	}
}

static void begin(struct timeline *tl)
{
	tl->began = coarse_ns();
	tl->stopped = false;
}

static void failed(struct stop *stop)
{
	*stop = (struct stop){.why = STOP_FAILED, .text = err_msg()};
}

void timeline_forward(struct timeline *tl, const struct travel *t, struct stop *stop)
{
	begin(tl);
	run(tl, (struct request){.step = t->step, .want = t->want}, stop);
}

int timeline_begin(struct timeline *tl)
{
	while (tl->marks.n)
		remove_mark(tl, tl->marks.n - 1);
	return make_mark(tl) ? 0 : -1;
}

/* --- to a position --- */

static int restore(struct timeline *tl, const struct mark *m)
{
	if (replay_restore(tl->r, m->c))
		return -1;
	tl->t = m->t;
	return 0;
}

/* Put the replay at `p` or before it, as near as it is known. */
static int go_before(struct timeline *tl, const struct position *p)
{
	bool known;
	struct position here = replay_position(tl->r);
	size_t i = mark_behind(tl, p);
	int c = position_compare(&here, p, &known);
	bool from_here = known && c <= 0 && !here.vague;
	if (from_here &&
	    (!i || position_compare(checkpoint_position(tl->marks.at[i - 1].c), &here, &known) <= 0))
		return 0;
	if (i)
		return restore(tl, &tl->marks.at[i - 1]);
	if (from_here)
		return 0;
	return err_set("nothing is known of what was before");
}

static void go_to(struct timeline *tl, const struct position *p, struct stop *stop)
{
	if (go_before(tl, p))
		failed(stop);
	else
		run(tl, (struct request){.until = p, .blind = true}, stop);
	/* Watchpoints on the way do not matter. */
	while (stop->why == STOP_WATCH)
		run(tl, (struct request){.until = p, .blind = true}, stop);
}

void timeline_seek(struct timeline *tl, const struct position *p, struct stop *stop)
{
	begin(tl);
	go_to(tl, p, stop);
}

/* --- backwards --- */

/* The last stop that was seen: the `count`-th behind mark `from`. */
struct seen {
	struct position from;
	unsigned count;
	struct stop stop;
};

static bool is_hit(const struct stop *stop)
{
	return stop->why != STOP_POSITION && stop->why != STOP_PAUSE && stop->why != STOP_END &&
	       stop->why != STOP_DIVERGED && stop->why != STOP_FAILED;
}

static struct mark *find_mark(struct timeline *tl, const struct position *p)
{
	for (size_t i = 0; i < tl->marks.n; i++) {
		if (position_equal(checkpoint_position(tl->marks.at[i].c), p))
			return &tl->marks.at[i];
	}
	return NULL;
}

static bool wanted(const struct travel *how, const struct stop *stop)
{
	return !how->wanted || how->wanted(how->ctx, stop);
}

/* Run from a mark to `end`, and remember the last stop on the way. With `there`, one at the end counts.
 * 1: there was one; 0; -1: *stop says why it did not get there. */
static int scan(struct timeline *tl, const struct mark *from, const struct position *end, bool there,
		const struct travel *how, struct seen *seen, struct stop *stop)
{
	struct request q = {.until = end, .want = how->want};
	seen->from = *checkpoint_position(from->c);
	seen->count = 0;
	unsigned since = 0;
	tl->base = from->c;
	if (restore(tl, from))
		return failed(stop), -1;
	struct position base = seen->from;
	bool any = false;
	for (;;) {
		uint64_t t = coarse_ns();
		q.slice_ns = SLICE_NS;
		replay_resume(tl->r, &q, stop);
		tl->t += coarse_ns() - t;
		/* A watchpoint stops behind what it tells of: that is before `end` in any case. */
		bool watch = stop->why == STOP_POSITION ? stop->also && stop->other == STOP_WATCH
							: stop->why == STOP_WATCH;
		if (stop->why == STOP_POSITION && !watch && (!there || !stop->also))
			return any;
		if (stop->why == STOP_PAUSE) {
			tl->stopped |= is_interrupted(tl);
			if (tl->stopped)
				return -1;
			show_progress(tl);
			struct position here = replay_position(tl->r);
			const struct mark *m = pass(tl, true) ? find_mark(tl, &here) : NULL;
			if (m) {
				base = here;
				tl->base = m->c;
				since = 0;
			}
			continue;
		}
		if (stop->why == STOP_POSITION)
			stop->why = stop->other;
		else if (!is_hit(stop))
			return -1;
		else if (!there && !watch && position_equal(&stop->at, end))
			continue; /* that is where we come from */
		if (wanted(how, stop)) {
			any = true;
			tl->seen = tl->base;
			seen->from = base;
			seen->count = ++since;
			seen->stop = *stop;
		}
		if (position_equal(&stop->at, end))
			return any;
	}
}

/* Go to a stop that was seen. */
static void go_to_seen(struct timeline *tl, const struct seen *seen, const struct position *end,
		       const struct travel *how, struct stop *stop)
{
	struct mark *m = find_mark(tl, &seen->from);
	struct request q = {.until = end, .want = how->want};
	if (!m || restore(tl, m)) {
		failed(stop);
		return;
	}
	for (unsigned n = 0; n < seen->count;) {
		run(tl, q, stop);
		if (stop->why == STOP_POSITION && stop->also)
			stop->why = stop->other;
		if (!is_hit(stop))
			return;
		n += wanted(how, stop);
	}
	if (!position_equal(&stop->at, &seen->stop.at)) {
		err_set("going back did not lead to the place that was seen: this is a bug of Reprise");
		failed(stop);
	}
}

/* Nothing is before the first mark. */
static void at_begin(struct timeline *tl, struct stop *stop)
{
	*stop = (struct stop){.why = STOP_END};
	if (!tl->marks.n || restore(tl, &tl->marks.at[0])) {
		failed(stop);
		return;
	}
	stop->at = replay_position(tl->r);
	stop->tid = replay_current(tl->r);
}

static void interrupted(struct timeline *tl, const struct position *home, struct stop *stop)
{
	if (!tl->stopped)
		return;
	tl->stopped = false;
	tl->going_home = true;
	go_to(tl, home, stop);
	tl->going_home = false;
	if (stop->why == STOP_POSITION)
		stop->why = STOP_PAUSE;
}

/* A place that can be come to again: where the replay is vague, the next safepoint will do; nobody has
 * seen what is between. */
static int settle(struct timeline *tl, struct position *home, struct stop *stop)
{
	*home = replay_position(tl->r);
	if (!home->vague)
		return 0;
	struct request q = {.slice_ns = 1};
	replay_resume(tl->r, &q, stop);
	*home = replay_position(tl->r);
	return home->vague ? err_set("where the program was interrupted cannot be told; continue first") : 0;
}

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
		run(tl, q, stop);
	while (is_hit(stop));
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
	go_to(tl, home, stop);
	return stop->why == STOP_POSITION ? 0 : -1;
}

/* From `home`, which does not end with steps, by counting those that lead there. */
static void back_counting(struct timeline *tl, int32_t tid, const struct position *home, struct stop *stop)
{
	struct position from = *home, base, to;
	do {
		if (before(tl, tid, &from, &base)) { /* it has made none yet */
			*stop = (struct stop){.why = STOP_END, .tid = tid, .at = replay_position(tl->r)};
			return;
		}
		go_to(tl, &base, stop);
		if (stop->why != STOP_POSITION)
			return;
		from = replay_position(tl->r);
		make_mark(tl);
		go_counting(tl, tid, home, stop);
		if (stop->why != STOP_POSITION)
			return;
		/* A place may have two names with no instruction between them: then further back. */
	} while (stop->none);
	to = stop->began;
	go_to(tl, &to, stop);
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
		go_to(tl, &to, stop);
	} else {
		back_counting(tl, tid, &home, stop);
	}
}

/* To just before the instruction that led here. */
static void back_by_one(struct timeline *tl, int32_t tid, struct stop *stop)
{
	struct position start;
	struct task_view v;
	if (settle(tl, &start, stop)) {
		failed(stop);
		return;
	}
	back_from(tl, tid, start, stop);
	if (stop->why == STOP_POSITION)
		stop->why = STOP_STEP;
	if (tl->stopped)
		interrupted(tl, &start, stop);
	else if (stop->why == STOP_STEP && replay_task_view(tl->r, tid, &v))
		stop->tid = tid, stop->tgid = v.tgid;
}

/* A watchpoint's stop is behind the instruction, or the event, that it tells of: go to before that. */
static void before_watched(struct timeline *tl, struct stop *stop)
{
	struct stop hit = *stop;
	struct position to = {0};
	bool inside = hit.at.nmoves || hit.at.ticks || hit.at.calls;
	if (!inside && history_effect(tl->history, hit.at.event, &to.event))
		go_to(tl, &to, stop);
	else
		back_by_one(tl, hit.tid, stop);
	if (stop->why != STOP_STEP && stop->why != STOP_POSITION)
		return;
	hit.at = stop->at;
	*stop = hit;
}

/* The client is where a search has led to. Keep that place: it may come back there. */
static void arrive(struct timeline *tl, const struct travel *how, struct gap *g, const struct stop *stop)
{
	struct position here = replay_position(tl->r);
	if (!how->key || !is_hit(stop) || here.vague)
		return;
	struct mark *m = find_mark(tl, &here);
	if (!m)
		m = make_mark(tl);
	if (m) {
		m->place = ++tl->places;
		bound(tl);
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
	struct mark *m = g->stops ? find_mark(tl, &g->at) : NULL;
	if (!m || restore(tl, m))
		return false;
	*stop = g->stop;
	return true;
}

/* The last mark before `end`, or NULL. */
static struct mark *mark_before(struct timeline *tl, const struct position *end)
{
	size_t i = mark_behind(tl, end);
	while (i && position_equal(checkpoint_position(tl->marks.at[i - 1].c), end))
		i--;
	return i ? &tl->marks.at[i - 1] : NULL;
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

static void back_to_stop(struct timeline *tl, const struct travel *how, struct stop *stop)
{
	struct position home, end;
	struct seen seen;
	bool there = false;
	if (settle(tl, &home, stop)) {
		failed(stop);
		return;
	}
	end = home;
	for (;;) {
		struct gap g = {.key = how->key, .hi = home};
		if (use_known(tl, how, &end, &there, stop))
			return;
		struct mark *m = mark_before(tl, &end);
		g.lo = end;
		if (!m) {
			if (how->key && there)
				known_add(&tl->known, &g);
			at_begin(tl, stop);
			return;
		}
		struct mark from = *m;
		int rc = scan(tl, &from, &end, there, how, &seen, stop);
		if (rc < 0) {
			if (how->key && there && tl->stopped)
				known_add(&tl->known, &g);
			interrupted(tl, &home, stop);
			return;
		}
		if (rc) {
			go_to_seen(tl, &seen, &end, how, stop);
			if (stop->why == STOP_WATCH)
				before_watched(tl, stop);
			g.lo = seen.stop.at;
			arrive(tl, how, &g, stop);
			return;
		}
		end = *checkpoint_position(from.c);
		there = true;
	}
}

void timeline_back(struct timeline *tl, const struct travel *t, struct stop *stop)
{
	begin(tl);
	if (t->step)
		back_by_one(tl, t->step, stop);
	else
		back_to_stop(tl, t, stop);
	tl->base = tl->seen = NULL;
}

void timeline_rewind(struct timeline *tl, struct stop *stop)
{
	begin(tl);
	at_begin(tl, stop);
	if (stop->why == STOP_END)
		stop->why = STOP_POSITION;
}

/* --- time --- */

uint64_t timeline_time(const struct timeline *tl, uint64_t event)
{
	return history_time(tl->history, event);
}

uint64_t timeline_event_at(const struct timeline *tl, uint64_t ns)
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

/* --- the client's own checkpoints --- */

int timeline_keep(struct timeline *tl, const struct stop *stop)
{
	struct position here = replay_position(tl->r);
	struct mark *m = find_mark(tl, &here);
	if (!m)
		m = make_mark(tl);
	if (!m)
		return here.vague
			       ? err_set("where the program was interrupted cannot be told; continue first")
			       : -1;
	if (!m->number)
		m->number = ++tl->last_number;
	m->stop = *stop;
	m->stop.text = NULL;
	return m->number;
}

static struct mark *by_number(struct timeline *tl, int number)
{
	for (size_t i = 0; i < tl->marks.n; i++) {
		if (tl->marks.at[i].number == number)
			return &tl->marks.at[i];
	}
	err_set("there is no checkpoint %d", number);
	return NULL;
}

int timeline_return(struct timeline *tl, int number, struct stop *stop)
{
	struct mark *m = number > 0 ? by_number(tl, number) : NULL;
	if (!m || restore(tl, m))
		return -1;
	*stop = m->stop;
	return 0;
}

int timeline_drop(struct timeline *tl, int number)
{
	struct mark *m = number > 0 ? by_number(tl, number) : NULL;
	if (!m)
		return -1;
	m->number = 0;
	return 0;
}

struct timeline_counts timeline_counts(const struct timeline *tl)
{
	return (struct timeline_counts){(unsigned)tl->marks.n, tl->bytes};
}

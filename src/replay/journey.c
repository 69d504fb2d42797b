/* The way to a position: events, then safepoints and buffered calls, then moves. */
#include "replay/session.h"

#include <string.h>

#include "base/err.h"

/* --- moves --- */

bool journey_is(const struct replay *s, uint8_t kind, uint64_t pc)
{
	const struct journey *w = &s->way;
	if (!w->active || !w->at_base || w->move >= w->to.nmoves)
		return false;
	const struct move *m = &w->to.moves[w->move];
	return m->kind == kind &&
	       ((kind != MOVE_VISITS && kind != MOVE_WRITE && kind != MOVE_TOUCH) || m->pc == pc);
}

static void watch_place(struct replay *s, const struct move *m)
{
	if (m->kind == MOVE_VISITS)
		points_use(s, 0, m->pc);
	else if (m->kind == MOVE_WRITE || m->kind == MOVE_TOUCH)
		guards_use(s, 0, m->kind, m->pc);
}

static void leave_place(struct replay *s, const struct move *m)
{
	if (m->kind == MOVE_VISITS)
		points_forget(s, 0, m->pc);
	else if (m->kind == MOVE_WRITE || m->kind == MOVE_TOUCH)
		guards_forget(s, 0, m->kind, m->pc);
}

/* The move that comes next needs its place watched. */
static void begin_move(struct replay *s)
{
	struct journey *w = &s->way;
	if (w->move >= w->to.nmoves)
		return;
	const struct move *m = &w->to.moves[w->move];
	w->left = m->n;
	watch_place(s, m);
}

static void end_move(struct replay *s)
{
	const struct move *m = &s->way.to.moves[s->way.move++];
	leave_place(s, m);
}

/* The journey is over. A position that the user has written may have moves that lead past a station: then
 * s->here, which begins with that station, names the place. Returns 1. */
static int arrived(struct replay *s, struct ptask *t)
{
	if (position_same_base(&s->here, &s->way.to))
		s->here = s->way.to;
	s->way.active = false;
	stop_for(s, t, STOP_POSITION);
	return 1;
}

int journey_moved(struct replay *s, struct ptask *t)
{
	if (--s->way.left)
		return 0;
	end_move(s);
	if (s->way.move == s->way.to.nmoves)
		return arrived(s, t);
	begin_move(s);
	return 0;
}

/* --- the way --- */

static int nowhere(const struct replay *s)
{
	char text[POSITION_TEXT];
	position_text(&s->way.to, text);
	return err_set("there is no position %s", text);
}

void journey_end(struct replay *s)
{
	struct journey *w = &s->way;
	if (w->active && w->at_base && w->move < w->to.nmoves)
		leave_place(s, &w->to.moves[w->move]);
	w->active = false;
}

/* Both have the same station: how much of the moves is done already? */
static int go_on_from_here(struct replay *s)
{
	struct journey *w = &s->way;
	const struct position *h = &s->here, *to = &w->to;
	unsigned i = 0;
	while (i < h->nmoves && i < to->nmoves && !memcmp(&h->moves[i], &to->moves[i], sizeof(h->moves[i])))
		i++;
	w->at_base = true;
	w->move = i;
	bool touched = position_touched(&h->moves[i], h->nmoves - i);
	if (h->vague || (i + 1 < h->nmoves && !touched) || (i == to->nmoves && i < h->nmoves))
		return nowhere(s);
	begin_move(s);
	if (i == h->nmoves)
		return 0;
	const struct move *a = &h->moves[i], *b = &to->moves[i];
	if (a->kind != b->kind || a->pc != b->pc || a->n >= b->n) {
		journey_end(s);
		return nowhere(s);
	}
	w->left = b->n - a->n;
	return 0;
}

int journey_set_out(struct replay *s, const struct position *to)
{
	struct journey *w = &s->way;
	if (to && w->active && position_equal(&w->asked, to))
		return 0; /* it was interrupted */
	journey_end(s);
	if (!to)
		return 0;
	*w = (struct journey){.active = true, .asked = *to, .to = *to};
	if (to->vague || to->event < s->last_stop || (to->event == s->last_stop && to->calls < s->here.calls))
		return nowhere(s);
	return position_same_base(&s->here, to) ? go_on_from_here(s) : 0;
}

uint64_t journey_ticks(const struct replay *s)
{
	const struct journey *w = &s->way;
	bool wanted = w->active && !w->at_base && w->to.event == s->last_stop && w->to.ticks > s->here.ticks;
	return wanted ? w->to.ticks : 0;
}

static bool same_station(const struct position *here, const struct position *to)
{
	return here->event == to->event && here->ticks == to->ticks &&
	       (here->calls == to->calls || to->calls == CALLS_ANY);
}

int journey_look(struct replay *s, struct ptask *t)
{
	struct journey *w = &s->way;
	bool moved = station_look(s, t);
	if (!w->active || w->to.event != s->last_stop)
		return 0;
	bool there = same_station(&s->here, &w->to);
	if (w->at_base && !there)
		return moved ? nowhere(s) : 0;
	if (s->here.calls > w->to.calls || s->here.ticks > w->to.ticks)
		return nowhere(s);
	if (w->at_base || !there)
		return 0;
	w->at_base = true;
	w->to.calls = s->here.calls;
	w->move = 0;
	begin_move(s);
	if (w->move == w->to.nmoves) {
		arrived(s, t);
		return -1;
	}
	return 0;
}

int journey_event(struct replay *s, struct ptask *t)
{
	struct journey *w = &s->way;
	if (!w->active || s->last_stop < w->to.event)
		return 0;
	if (s->last_stop > w->to.event)
		return nowhere(s);
	s->here = (struct position){.event = s->last_stop};
	if (w->at_base || !position_same_base(&s->here, &w->to))
		return 0;
	w->at_base = true;
	begin_move(s);
	return w->move == w->to.nmoves ? arrived(s, t) : 0;
}

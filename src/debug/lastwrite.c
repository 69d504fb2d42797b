/* Where was a value changed last? */
#include "debug/session.h"

#include <stdio.h>

#include "base/err.h"
#include "debug/sight.h"

struct search {
	struct session *s;
	const struct last_write *w;
	struct last_written *found;
	int32_t tid; /* whose registers the condition sees */
};

/* One that cannot be evaluated there (a pointer of its leads nowhere yet) does not hold. */
static bool holds(struct search *x)
{
	struct sight of = {x->s->r, x->tid};
	struct agent_target t = sight_target(&of);
	uint64_t value;
	if (!x->w->condition.len)
		return true;
	if (!agent_run(x->w->condition.code, x->w->condition.len, &t, NULL, &value))
		return value;
	x->found->failed++;
	snprintf(x->found->why, sizeof(x->found->why), "%s", err_msg());
	return false;
}

/* The instruction that changes the bytes is done: they have their new value. */
static bool is_written(void *ctx, const struct stop *st)
{
	struct search *x = ctx;
	const struct last_write *w = x->w;
	size_t n = w->len < sizeof(x->found->after) ? (size_t)w->len : sizeof(x->found->after);
	if (st->why != STOP_WATCH || st->addr != w->addr || st->code != WATCH_WRITE)
		return false;
	x->tid = st->tid;
	if (!holds(x))
		return false;
	x->found->n = replay_read(x->s->r, st->tid, w->addr, x->found->after, n);
	return true;
}

int session_last_write(struct session *s, const struct last_write *w, struct last_written *found)
{
	struct search x = {.s = s, .w = w, .found = found};
	struct travel t = {.wanted = is_written, .ctx = &x};
	*found = (struct last_written){0};
	divert_leave(s);
	struct position home = replay_position(s->r);
	if (replay_watch(s->r, s->tgid, WATCH_WRITE, w->addr, w->len))
		return -1;
	timeline_back(s->tl, &t, &s->stop);
	replay_unwatch(s->r, s->tgid, WATCH_WRITE, w->addr, w->len);
	found->there = s->stop.why == STOP_WATCH;
	found->none = s->stop.why == STOP_END;
	if (found->none && !home.vague)
		session_seek(s, &home);
	else
		session_arrived(s);
	return 0;
}

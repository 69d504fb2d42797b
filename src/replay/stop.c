/* When and why the replay stops for the client. */
#include "replay/session.h"

#include "task/tsc.h"

int stop_for(struct replay *s, struct ptask *t, enum stop_why why)
{
	if (s->stopped && s->stop->why == STOP_POSITION) { /* a second reason */
		s->stop->also = true;
		s->stop->other = why;
		return -1;
	}
	s->stopped = true;
	s->stop->why = why;
	s->stop->tid = t ? t->tid : 0;
	s->stop->tgid = t ? t->proc->tgid : 0;
	return -1;
}

bool stop_due(struct replay *s)
{
	if (s->searching)
		return false;
	return s->deadline && s->moved && coarse_ns() >= s->deadline;
}

bool stop_catches(const struct replay *s, int64_t nr)
{
	return s->catching && !s->blind && nr >= 0 && nr < 512 && s->calls[nr / 8] >> (nr % 8) & 1;
}

/* At which station a task is: its last event, buffered calls since then, and safepoints since then. */
#include "replay/session.h"

bool station_look(struct replay *s, struct ptask *t)
{
	uint64_t calls = 0, ticks = 0;
	if (ticks_begin(t) || buffer_used(t, &calls) || ticks_passed(t, &ticks))
		return false;
	if (s->here.event == s->last_stop && s->here.calls == calls && s->here.ticks == ticks)
		return false;
	s->here = (struct position){.event = s->last_stop, .calls = calls, .ticks = ticks};
	return true;
}

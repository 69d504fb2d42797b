/* What the trace says of events around a place, without replaying them. */
#ifndef DEBUG_HISTORY_H
#define DEBUG_HISTORY_H

#include <stdint.h>

#include "trace/alone.h"

struct history;

/* A stream of its own over the trace; with `alone`, which stays the caller's, over what is replayed of it.
 * NULL with the error text. */
struct history *history_open(const char *dir, const struct alone *alone);
void history_close(struct history *h);
/* The last event at or before `event` to which task `tid` ran by itself: *from is the event at whose
 * station it began, *ticks the safepoints that it passed then. 0; -1: there is none. */
int history_before(struct history *h, uint64_t event, int32_t tid, uint64_t *from, uint64_t *ticks);

/* When an event was recorded, in ns since the first one. */
uint64_t history_time(const struct history *h, uint64_t event);

#endif

/* What the trace says of events around a place, without replaying them. */
#ifndef DEBUG_HISTORY_H
#define DEBUG_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/alone.h"

struct history;

/* A stream of its own over the trace; with `alone`, which stays the caller's, over what is replayed of it.
 * NULL with the error text. */
struct history *history_open(const char *dir, const struct alone *alone);
void history_close(struct history *h);
/* The last event `at` to which a task ran by itself. */
struct history_run {
	uint64_t at, from; /* it began at the station of event `from`, */
	uint64_t ticks;	   /* and passed so many safepoints */
	bool others;	   /* since then other tasks have run */
};
/* That of task `tid`, at or before `event`. 0; -1: there is none. */
int history_before(struct history *h, uint64_t event, int32_t tid, struct history_run *run);
/* The first one behind `event`: `others` is not told. False: none is known. */
bool history_run_behind(struct history *h, uint64_t event, struct history_run *run);
/* The task that goes on after `event`; 0: none is known. */
int32_t history_next(struct history *h, uint64_t event);
/* Has no task run to `event`, which has an effect only? Then *before is the last event before it at which one
 * stopped. */
bool history_effect(struct history *h, uint64_t event, uint64_t *before);

/* The last event at or before `event` at which a task stopped; 0: there is none. */
uint64_t history_station(struct history *h, uint64_t event);
/* When the recording began, ns since 1970. */
uint64_t history_start(const struct history *h);
/* When an event was recorded, in ns since the first one. */
uint64_t history_time(const struct history *h, uint64_t event);

#endif

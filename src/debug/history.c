#include "debug/history.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "trace/reader.h"

/* A search that goes back by growing distances; a client may name an event far behind the last. */
static uint64_t farther(uint64_t n)
{
	return n > UINT64_MAX / 8 ? UINT64_MAX : n * 8;
}

struct history {
	struct trace_reader *rd;
	const struct alone *alone;
};

struct history *history_open(const char *dir, const struct alone *alone)
{
	struct history *h = xcalloc(1, sizeof(*h));
	h->rd = reader_open(dir);
	h->alone = alone;
	if (h->rd)
		return h;
	free(h);
	return NULL;
}

void history_close(struct history *h)
{
	reader_close(h->rd);
	free(h);
}

/* In events (first, last]. 1: found; 0; -1. */
static int look(struct history *h, uint64_t first, uint64_t last, int32_t tid, struct history_run *run)
{
	struct event *ev;
	uint64_t station = 0; /* the last event at which a task stopped */
	int rc = 0, found = 0;
	alone_seek(h->alone, h->rd, first);
	while ((rc = alone_next(h->alone, h->rd, &ev)) == 1 && ev->seq <= last) {
		if (event_runs(ev) && ev->tid == tid && station) {
			*run = (struct history_run){.at = ev->seq, .from = station, .ticks = ev->ticks};
			found = 1;
		} else if (event_runs(ev)) {
			run->others = true;
		}
		if (!event_only_prepares(ev))
			station = ev->seq;
	}
	return rc < 0 ? -1 : found;
}

int history_before(struct history *h, uint64_t event, int32_t tid, struct history_run *run)
{
	for (uint64_t n = 64;; n *= 4) {
		uint64_t first = event > n ? event - n : 0;
		int rc = look(h, first, event, tid, run);
		if (rc)
			return rc < 0 ? -1 : 0;
		if (!first)
			return err_set("nothing is before");
	}
}

int32_t history_next(struct history *h, uint64_t event)
{
	struct event *ev;
	alone_seek(h->alone, h->rd, event);
	while (alone_next(h->alone, h->rd, &ev) == 1) {
		if (event_runs(ev))
			return ev->tid;
	}
	return 0;
}

bool history_effect(struct history *h, uint64_t event, uint64_t *before)
{
	for (uint64_t n = 8;; n = farther(n)) {
		uint64_t first = event > n ? event - n : 0;
		struct event *ev;
		*before = 0;
		alone_seek(h->alone, h->rd, first);
		while (alone_next(h->alone, h->rd, &ev) == 1 && ev->seq < event) {
			if (!event_only_prepares(ev))
				*before = ev->seq;
		}
		if (*before || !first)
			return *before && ev && ev->seq == event && !event_runs(ev);
	}
}

uint64_t history_station(struct history *h, uint64_t event)
{
	for (uint64_t n = 8;; n = farther(n)) {
		uint64_t first = event > n ? event - n : 0, station = 0;
		struct event *ev;
		alone_seek(h->alone, h->rd, first);
		while (alone_next(h->alone, h->rd, &ev) == 1 && ev->seq <= event) {
			if (!event_only_prepares(ev))
				station = ev->seq;
		}
		if (station || !first)
			return station;
	}
}

bool history_run_behind(struct history *h, uint64_t event, struct history_run *run)
{
	struct event *ev;
	alone_seek(h->alone, h->rd, event);
	while (alone_next(h->alone, h->rd, &ev) == 1) {
		if (!event_runs(ev))
			continue;
		*run = (struct history_run){.at = ev->seq, .ticks = ev->ticks};
		run->from = history_station(h, run->at - 1);
		return true;
	}
	return false;
}

uint64_t history_time(const struct history *h, uint64_t event)
{
	return reader_time(h->rd, event);
}

uint64_t history_start(const struct history *h)
{
	return reader_start(h->rd);
}

#include "debug/history.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "trace/reader.h"

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
static int look(struct history *h, uint64_t first, uint64_t last, int32_t tid, uint64_t *from,
		uint64_t *ticks)
{
	struct event *ev;
	uint64_t station = 0; /* the last event at which a task stopped */
	int rc = 0, found = 0;
	alone_seek(h->alone, h->rd, first);
	while ((rc = alone_next(h->alone, h->rd, &ev)) == 1 && ev->seq <= last) {
		if (event_runs(ev) && ev->tid == tid && station) {
			*from = station;
			*ticks = ev->ticks;
			found = 1;
		}
		if (!event_only_prepares(ev))
			station = ev->seq;
	}
	return rc < 0 ? -1 : found;
}

int history_before(struct history *h, uint64_t event, int32_t tid, uint64_t *from, uint64_t *ticks)
{
	for (uint64_t n = 64;; n *= 4) {
		uint64_t first = event > n ? event - n : 0;
		int rc = look(h, first, event, tid, from, ticks);
		if (rc)
			return rc < 0 ? -1 : 0;
		if (!first)
			return err_set("nothing is before");
	}
}

uint64_t history_time(const struct history *h, uint64_t event)
{
	return reader_time(h->rd, event);
}

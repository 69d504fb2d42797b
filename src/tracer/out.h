/* The lines that `reprise trace` writes: begun at a call's start, ended at its exit, with others between
 * them. */
#ifndef TRACER_OUT_H
#define TRACER_OUT_H

#include <stdio.h>

#include "base/buf.h"
#include "tracer/tracer.h"

struct out {
	const struct tracer_options *o;
	FILE *f;
	bool to_file;	/* -o: pids always, no messages */
	pid_t open;	/* the task whose line has no end yet, or 0 */
	size_t column;	/* of that line */
	unsigned tasks; /* alive now */
	uint64_t last;	/* time of the last line, in ns (-r) */
};

uint64_t out_now(void); /* wall clock, ns */
/* Begin a line of task `tid` with pid and time, and append `text`. Another's unfinished line is ended first.
 */
void out_begin(struct out *w, pid_t tid, uint64_t now, const struct buf *text);
/* Append to the open line of `tid`; if there is none any more: "<... NAME resumed>" begins a new one. */
void out_continue(struct out *w, pid_t tid, uint64_t now, const char *name, const struct buf *text);
/* Spaces up to the column of results. */
void out_to_result(struct out *w);
void out_end(struct out *w, const struct buf *text);

/* Whole lines, between two others. */
void out_lines(struct out *w, const struct buf *text);

#endif

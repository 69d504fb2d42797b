/* Reading a trace, which nobody trusts: every number is checked before use. */
#ifndef TRACE_READER_H
#define TRACE_READER_H

#include "trace/event.h"

struct trace_reader;

/* Open trace directory `dir`. NULL with the error text on failure. */
struct trace_reader *reader_open(const char *dir);
/* The JSON text of the header, owned by the reader. */
const char *reader_json(const struct trace_reader *r);
const char *reader_dir(const struct trace_reader *r);
/* The next event in global order, owned by the reader and valid until the next
 * call. 1; 0 at the end; -1 with the error text when the trace is damaged. */
int reader_next(struct trace_reader *r, struct event **ev);
/* Go on behind event `seq`. */
void reader_seek(struct trace_reader *r, uint64_t seq);
/* From the next reader_seek on give only events of these groups, up to event `last`; those of other groups
 * are not even unpacked. What a missing event between them would tell must be known already. */
void reader_only(struct trace_reader *r, const uint32_t *groups, size_t n, uint64_t last);
/* After reader_next gave 0: true when the recording ended early (no EV_END). */
bool reader_cut(const struct trace_reader *r);
/* Sequence number of the last event on disk, for progress; 0 when there is none. */
uint64_t reader_last_seq(const struct trace_reader *r);
/* When event `seq` was written, in ns since the first one: exact at the ends of frames, in proportion
 * between. The last event: how long the recording took. */
uint64_t reader_time(const struct trace_reader *r, uint64_t seq);
/* When the first one was written, CLOCK_REALTIME in ns. */
uint64_t reader_start(const struct trace_reader *r);
void reader_close(struct trace_reader *r);

/* The same over bytes in memory, for fuzzing: the content of `events`. */
struct trace_reader *reader_over(const void *events, size_t len);

#endif

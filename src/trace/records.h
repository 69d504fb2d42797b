/* The records of buffered calls that an EV_BUFFER event holds (runtime/shared.h). */
#ifndef TRACE_RECORDS_H
#define TRACE_RECORDS_H

#include "trace/event.h"

/* The record at *at of an EV_BUFFER's bytes, as an EV_SYSCALL event: number, arguments and
 * result in its registers, what was read and written as chunks that point into the bytes;
 * arg[0]: the break before brk; arg[1]: replay makes the call too;
 * arg[2]: an EV_MEM that maps its file follows. rdtsc is an EV_INSN.
 * Moves *at on. 1; 0 at the end; -1: malformed. `out` is reused as by event_decode. */
int record_next(const struct event *buffer, size_t *at, struct event *out);

#endif

/* Writing a trace. One thread records; another compresses and writes. */
#ifndef TRACE_WRITER_H
#define TRACE_WRITER_H

#include "trace/event.h"

struct trace_writer;

/* Make the files of a trace in the existing, empty directory `dir`. `json` is the
 * header's description. NULL with the error text on failure. */
struct trace_writer *writer_open(const char *dir, const char *json);
/* Append an event: gives it the next sequence number, copies all it points to. */
void writer_put(struct trace_writer *w, struct event *ev);
/* Hand everything buffered to the writing thread; does not wait for the disk. */
void writer_flush(struct trace_writer *w);
/* -1 (with the error text) once writing has failed, e.g. because the disk is full. */
int writer_check(struct trace_writer *w);
/* Write everything, stop the thread, free. 0 or -1. */
int writer_close(struct trace_writer *w);
uint64_t writer_events(const struct trace_writer *w);

/* Keep the content of `fd` (a regular file of `size` bytes) in the trace; its name
 * there goes to `hash`. Reflinked where the file system can, else copied, so that
 * nothing done to the original later is seen. 0 or -1. */
int writer_store_fd(struct trace_writer *w, int fd, uint64_t size, char hash[36]);
/* The same for bytes in memory. */
int writer_store_bytes(struct trace_writer *w, const void *data, size_t len, char hash[36]);

#endif

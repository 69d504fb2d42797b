/* Writing a trace. One thread records; another compresses and writes. */
#ifndef TRACE_WRITER_H
#define TRACE_WRITER_H

#include <stdbool.h>
#include <sys/stat.h>

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

/* Share files with the other traces in `base` (trace/sharedfiles.h). */
void writer_share(struct trace_writer *w, const char *base);

/* Keep the content of `fd` (a regular file, which `st` describes) in the trace; its name there goes
 * to `hash`. What other traces have is linked; else it is reflinked where the file system can, or
 * copied, so that nothing done to the original later is seen. 0 or -1. */
int writer_store_fd(struct trace_writer *w, int fd, const struct stat *st, char hash[36]);
/* The same for bytes in memory. */
int writer_store_bytes(struct trace_writer *w, const void *data, size_t len, char hash[36]);
/* The same for an image in the cache, made of what `alias` says; the trace has the cache's file where
 * it can be linked. */
int writer_store_image(struct trace_writer *w, int fd, uint64_t size, const char *alias, char hash[36]);
/* Give the trace the file that was stored as `alias`, by any trace. False: it is not there. */
bool writer_store_known(struct trace_writer *w, const char *alias, char hash[36]);
/* That file is damaged: forget it, here and for all traces. */
void writer_store_drop(struct trace_writer *w, const char *hash);

#endif

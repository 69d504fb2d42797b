/* A process alone: which events of a trace a replay needs that begins at an exec of the process and shows
 * nothing else. An exec event tells all of the new program's memory, so nothing before it is needed; and
 * groups share no memory, so none of the groups that the process is not part of. */
#ifndef TRACE_ALONE_H
#define TRACE_ALONE_H

#include "trace/reader.h"

struct process_choice {
	int32_t pid; /* this process, from its last exec on; */
	const char
		*name;	/* or the first one whose last program has this name (of its file, or of argv[0]); */
	int32_t forked; /* or this process from its fork on */
};

/* From event `seq` on tasks are not followed any more: the process of task `tid`, or (others) all but
 * that process. */
struct leave {
	uint64_t seq;
	int32_t tid;
	bool others;
};

/* Events of a group. */
struct span {
	uint32_t group;
	uint64_t from, to;
};

struct alone {
	int32_t pid;	/* the chosen process */
	uint64_t start; /* the event that it begins with: an exec, or the fork that makes it */
	/* When it must be replayed with all others: why. NULL: it can be alone. */
	char *why;
	uint64_t first; /* the exec that the replay begins with, */
	int32_t before; /* of this task */
	uint64_t last;	/* the process's end */
	int status;	/* its wait status; -1: the recording ends before */
	VEC(struct leave) leaves;
	VEC(struct span) spans; /* the events that are needed, */
	VEC(uint64_t) skipped;	/* but for these: forks of processes that are not followed */
};

/* Read `rd` from its beginning. NULL with the error text: there is no such process, or damage. The caller
 * frees it. */
struct alone *alone_find(struct trace_reader *rd, const struct process_choice *choice);
void alone_free(struct alone *a);
/* Let `rd` give only the needed groups, beginning behind `seq`. Does nothing but the latter where a is NULL
 * or a->why is set. */
void alone_seek(const struct alone *a, struct trace_reader *rd, uint64_t seq);
/* As reader_next, of needed events. */
int alone_next(const struct alone *a, struct trace_reader *rd, struct event **ev);

#endif

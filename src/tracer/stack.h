/* Call stacks of traced tasks (-k). */
#ifndef TRACER_STACK_H
#define TRACER_STACK_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/hmap.h"

/* What is known of processes; zeroed at first. */
struct stacks {
	struct hmap of; /* Dwfl by pid */
};

/* Append the stack of a stopped task, one frame a line: " > FILE(SYMBOL+0xOFFSET) [0xPLACE IN THE FILE]". */
void stack_text(struct stacks *s, pid_t pid, pid_t tid, struct buf *b);
/* The process has ended, or executes another program. */
void stack_forget(struct stacks *s, pid_t pid);
void stack_free(struct stacks *s);

#endif

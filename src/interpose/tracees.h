/* The table of a loop's tasks, and the modules' news of who comes and goes. */
#ifndef INTERPOSE_TRACEES_H
#define INTERPOSE_TRACEES_H

#include "interpose/loop.h"

/* A new entry; modules do not know of it yet. */
struct tracee *tracee_add(struct loop *l, pid_t tid);
/* Tell the modules. */
void tracee_began(struct tracee *t, struct tracee *parent, enum birth how);
/* Tell the modules (`status`: see struct module) and forget it. */
void tracee_died(struct tracee *t, int status);
/* The thread `t` has called exec, and has the number of its process now. Who had it is gone. */
struct tracee *tracee_renamed(struct loop *l, struct tracee *t, pid_t tid);

#endif

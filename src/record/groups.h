/* Groups, for those who decide who goes on (sched.c, resume.c). */
#ifndef RECORD_GROUPS_H
#define RECORD_GROUPS_H

#include "record/session.h"

/* What the scheduler knows of a group. */
struct rgroup {
	struct rtask *last; /* the task of it that ran last */
	/* The same of groups that have become part of it, until that is on record. */
	VEC(struct rtask *) others;
	uint64_t slice_start;
};

struct rgroup *group_of(struct recorder *s, const struct rtask *t);
/* Forget the groups that have no task any more, if they are many. Nobody holds one meanwhile. */
void groups_sweep(struct recorder *s);
/* Does the task run user code, or a call that others wait for? */
bool task_runs(const struct rtask *t);
/* Has it run user code, or has the kernel written its memory, since its last event? Nobody
 * may overtake that before it is on record: tasks switch at stations only. */
bool task_ahead(const struct rtask *t);
/* How many others of its group could run. */
unsigned group_waiting(struct recorder *s, const struct rtask *t);

#endif

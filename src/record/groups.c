/* What the scheduler knows of a group, whose tasks take turns, and the queue of those that wait for theirs.
 */
#include "record/groups.h"

#include <stdlib.h>
#include <sys/syscall.h>

#include "task/tsc.h"

void sched_ready(struct recorder *s, struct rtask *t)
{
	if (t->queued)
		return;
	t->queued = true;
	t->ready_since = coarse_ns();
	t->next_ready = NULL;
	t->prev_ready = s->ready_last;
	*s->ready_last = t;
	s->ready_last = &t->next_ready;
}

void sched_unqueue(struct recorder *s, struct rtask *t)
{
	*t->prev_ready = t->next_ready;
	if (t->next_ready)
		t->next_ready->prev_ready = t->prev_ready;
	else
		s->ready_last = t->prev_ready;
	t->queued = t->settled = false;
}

static struct rgroup *group_get(struct recorder *s, uint32_t id)
{
	struct rgroup *g = hmap_get(&s->groups, id);
	if (!g) {
		g = xcalloc(1, sizeof(*g));
		hmap_set(&s->groups, id, g);
	}
	return g;
}

struct rgroup *group_of(struct recorder *s, const struct rtask *t)
{
	return group_get(s, t->mm->group);
}

/* Forget the groups that have no task any more. Nobody holds one meanwhile. */
void groups_sweep(struct recorder *s)
{
	size_t i = 0;
	struct rtask *t;
	struct hmap all = s->groups;
	struct rgroup *g;
	if (all.n <= 2 * s->groups_swept + 64)
		return;
	s->groups = (struct hmap){0};
	while ((t = hmap_next(&s->tasks, &i))) {
		g = hmap_del(&all, t->mm->group);
		if (g)
			hmap_set(&s->groups, t->mm->group, g);
	}
	for (i = 0; (g = hmap_next(&all, &i));) {
		VEC_FREE(&g->others);
		free(g);
	}
	hmap_free(&all);
	s->groups_swept = s->groups.n;
}

void sched_forget(struct recorder *s, struct rtask *t)
{
	struct rgroup *g = hmap_get(&s->groups, t->mm->group);
	size_t n = 0;
	if (!g)
		return;
	if (g->last == t)
		g->last = NULL;
	for (size_t j = 0; j < g->others.n; j++) {
		if (g->others.at[j] != t)
			g->others.at[n++] = g->others.at[j];
	}
	g->others.n = n;
}

void sched_join(struct recorder *s, uint32_t from, uint32_t to)
{
	struct rgroup *a = group_get(s, from), *b = group_get(s, to);
	if (!b->last) {
		b->last = a->last;
		b->slice_start = a->slice_start;
	} else if (a->last && a->last != b->last) {
		*VEC_PUSH(&b->others) = a->last;
	}
	a->last = NULL;
	for (size_t i = 0; i < a->others.n; i++)
		*VEC_PUSH(&b->others) = a->others.at[i];
	a->others.n = 0;
}

bool task_runs(const struct rtask *t)
{
	return t->state == TS_USER || (t->state == TS_KERNEL && !t->may_block);
}

/* Has it run user code, or has the kernel written its memory, since its last event? Nobody
 * may overtake that before it is on record: tasks switch at stations only. */
bool task_ahead(const struct rtask *t)
{
	if (t->mm->exiting)
		return false; /* its death is on record, or comes first */
	return t->has_status ? !t->in_call || !t->may_block : task_runs(t);
}

bool sched_behind(struct recorder *s, const struct rtask *t)
{
	struct rgroup *g = group_of(s, t);
	if (g->last && g->last != t && task_ahead(g->last))
		return true;
	for (size_t i = 0; i < g->others.n; i++) {
		if (g->others.at[i] != t && task_ahead(g->others.at[i]))
			return true;
	}
	return false;
}

static bool is_running(const struct rtask *o)
{
	return task_runs(o) && !o->has_status;
}

bool sched_busy(struct recorder *s, const struct rtask *t)
{
	size_t i = 0;
	struct rtask *o;
	if (t->mm->refs == 1 && !t->mm->shares)
		return false;
	for (o = t->mm->tasks; o; o = o->next_in_mm) {
		if (o != t && is_running(o))
			return true;
	}
	/* Without memory that others may map, its address space is a group by itself. */
	while (t->mm->shares && (o = hmap_next(&s->tasks, &i))) {
		if (o != t && o->mm->group == t->mm->group && is_running(o))
			return true;
	}
	return false;
}

/* How many others of its group could run. */
unsigned group_waiting(struct recorder *s, const struct rtask *t)
{
	unsigned n = 0;
	if (t->mm->refs == 1 && !t->mm->shares)
		return 0;
	for (struct rtask *o = s->ready_first; o; o = o->next_ready)
		n += o != t && o->mm->group == t->mm->group && !task_dying(o);
	return n;
}

/* With chaos the counter of safepoints says when, and one call in four. */
static bool slice_over(struct recorder *s, const struct rgroup *g, const struct rtask *t)
{
	/* Who yields waits for what another does; with chaos, not always. */
	if (t->nr == SYS_sched_yield && !t->set_aside && !(s->chaos && chaos_one_in(s, 4)))
		return true;
	if (coarse_ns() - g->slice_start >= s->slice_ns)
		return true;
	return s->chaos && (t->at_safepoint || chaos_one_in(s, 4));
}

bool sched_turn_over(struct recorder *s, struct rtask *t)
{
	struct rgroup *g = group_of(s, t);
	if (sched_busy(s, t) || sched_behind(s, t) || (s->chaos && chaos_hold(s, t)))
		return true;
	return g->last == t && slice_over(s, g, t) && group_waiting(s, t);
}

void sched_set_aside(struct recorder *s, struct rtask *t)
{
	chaos_parked(s, t);
	t->state = TS_READY;
	t->parked = t->set_aside = true;
	sched_ready(s, t);
}

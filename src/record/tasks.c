/* Finding tasks, and the lists of those that share an address space. */
#include "record/session.h"

#include <sys/ptrace.h>
#include <sys/wait.h>

void task_join_mm(struct rtask *t, struct rmm *mm)
{
	t->mm = mm;
	mm->refs++;
	t->next_in_mm = mm->tasks;
	t->prev_in_mm = &mm->tasks;
	if (mm->tasks)
		mm->tasks->prev_in_mm = &t->next_in_mm;
	mm->tasks = t;
}

void task_leave_mm(struct rtask *t)
{
	*t->prev_in_mm = t->next_in_mm;
	if (t->next_in_mm)
		t->next_in_mm->prev_in_mm = t->prev_in_mm;
}

struct rtask *task_find(struct recorder *s, pid_t tid)
{
	return hmap_get(&s->tasks, (uint32_t)tid);
}

struct rtask *task_of_mm(struct recorder *s, const struct rmm *mm, const struct rtask * not )
{
	(void)s;
	struct rtask *t = mm->tasks;
	while (t && (t == not || t->state == TS_EXITING))
		t = t->next_in_mm;
	return t;
}

bool task_dying(const struct rtask *t)
{
	return t->state == TS_EXITING ||
	       (t->has_status && (!WIFSTOPPED(t->status) || pt_event(t->status) == PTRACE_EVENT_EXIT));
}

struct rtask *task_next_mm(struct recorder *s, size_t *i)
{
	struct rtask *t;
	while ((t = hmap_next(&s->tasks, i))) {
		if (task_of_mm(s, t->mm, NULL) == t)
			return t;
	}
	return NULL;
}

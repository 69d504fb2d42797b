/* The tasks of a replay: finding and adding them, and setting their registers. */
#include "replay/session.h"

#include "base/err.h"

struct ptask *replay_task(struct replay *s, int32_t tid)
{
	return hmap_get(&s->tasks, (uint32_t)tid);
}

void replay_join(struct ptask *t)
{
	struct pproc *p = t->proc;
	p->tasks++;
	t->next = p->first;
	t->prev = &p->first;
	if (t->next)
		t->next->prev = &t->next;
	p->first = t;
	t->mm->refs++;
}

struct ptask *replay_add(struct replay *s, int32_t tid, pid_t pid, struct pproc *p, struct pmm *mm)
{
	struct ptask *t = xcalloc(1, sizeof(*t));
	t->tid = tid;
	t->pid = pid;
	t->proc = p;
	t->mm = mm;
	replay_join(t);
	hmap_set(&s->tasks, (uint32_t)tid, t);
	return t;
}

int ptask_set_regs(struct ptask *t, const regs_t *r)
{
	t->regs = *r;
	t->regs.orig_rax = (uint64_t)-1;
	int rc = pt_setregs(t->pid, &t->regs);
	t->at_entry = false;
	return rc ? err_sys(-rc, "cannot set the registers of task %d", t->tid) : 0;
}

#include "record/session.h"

#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "layout.h"

struct rtask *task_new(struct recorder *s, pid_t tid, struct rproc *p, struct rmm *mm)
{
	struct rtask *t = xcalloc(1, sizeof(*t));
	t->tid = tid;
	t->proc = p;
	task_join_mm(t, mm);
	t->restart_nr = -1;
	p->tasks++;
	hmap_set(&s->tasks, (uint32_t)tid, t);
	s->ntasks++;
	return t;
}

void task_free(struct recorder *s, struct rtask *t)
{
	if (t->queued)
		sched_unqueue(s, t);
	sched_forget(s, t);
	traced_free(t);
	if (hmap_get(&s->tasks, (uint32_t)t->tid) == t)
		hmap_del(&s->tasks, (uint32_t)t->tid);
	s->ntasks--;
	scratch_release(t);
	undescribed_release(t);
	if (t->mm->owner == t)
		t->mm->owner = NULL;
	if (t->mm->fd_proc == t->proc && t->proc->tasks == 1)
		t->mm->fd_proc = NULL;
	task_leave_mm(t);
	mm_put(s, t->mm);
	if (!--t->proc->tasks) {
		VEC_FREE(&t->proc->ends);
		free(t->proc);
	}
	VEC_FREE(&t->regions);
	VEC_FREE(&t->restart_regions);
	VEC_FREE(&t->held);
	VEC_FREE(&t->affinity);
	buf_free(&t->in_data);
	buf_free(&t->redirected_in);
	ownfilter_put(t->filter);
	free(t->new_filter);
	free(t);
}

struct rmm *mm_new(struct recorder *s)
{
	struct rmm *mm = xcalloc(1, sizeof(*mm));
	mm->group = ++s->next_group;
	mm->scratch_next = RUNTIME_SCRATCH;
	mm->space.counts = &s->maps;
	return mm;
}

/* The child's copy of an address space. Scratch areas are not inherited (MADV_DONTFORK). */
struct rmm *mm_fork(struct recorder *s, const struct rmm *from)
{
	struct rmm *mm = mm_new(s);
	space_copy(&mm->space, &from->space);
	mm->brk = from->brk;
	mm->shares = from->shares;
	if (mm->shares)
		mm->group = from->group;
	planted_copy(mm, from);
	fetch_copy(mm, from);
	for (size_t i = 0; i < from->images.n; i++)
		*VEC_PUSH(&mm->images) = from->images.at[i];
	return mm;
}

void mm_put(struct recorder *s, struct rmm *mm)
{
	if (--mm->refs)
		return;
	buffer_release(s, mm);
	VEC_FREE(&mm->images);
	space_clear(&mm->space);
	VEC_FREE(&mm->scratch);
	hmap_free(&mm->sites);
	fetch_free(mm);
	free(mm);
}

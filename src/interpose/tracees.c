#include "interpose/tracees.h"

#include <stdlib.h>

#include "base/mem.h"
#include "task/proc.h"
#include "task/ptrace.h"

struct tracee *loop_tracee(const struct loop *l, pid_t tid)
{
	return hmap_get(&l->tracees, (uint64_t)tid);
}

size_t loop_read(const struct tracee *t, uint64_t addr, void *out, size_t n)
{
	return mem_read(t->tid, addr, out, n);
}

int loop_write(const struct tracee *t, uint64_t addr, const void *data, size_t n)
{
	return mem_write(t->tid, addr, data, n);
}

struct tracee *tracee_add(struct loop *l, pid_t tid)
{
	struct proc_status st;
	struct tracee *t = xcalloc(1, sizeof(*t));
	t->tid = t->cpu.tid = tid;
	t->tgid = proc_status(tid, &st) ? tid : st.tgid;
	t->loop = l;
	hmap_set(&l->tracees, (uint64_t)tid, t);
	return t;
}

void tracee_began(struct tracee *t, struct tracee *parent, enum birth how)
{
	t->announced = true;
	cpu_born(&t->loop->home, &t->cpu, parent ? &parent->cpu : NULL);
	for (struct module *m = t->loop->first; m; m = m->next) {
		if (m->began)
			m->began(m, t, parent, how);
	}
}

void tracee_died(struct tracee *t, int status)
{
	struct loop *l = t->loop;
	for (struct module *m = l->first; m && t->announced; m = m->next) {
		if (m->died)
			m->died(m, t, status);
	}
	l->waiting -= t->until != 0;
	cpu_died(&l->home, &t->cpu);
	if (t->tid == l->leader && status != -1)
		l->leader_status = status;
	hmap_del(&l->tracees, (uint64_t)t->tid);
	free(t);
}

struct tracee *tracee_renamed(struct loop *l, struct tracee *t, pid_t tid)
{
	struct tracee *old = loop_tracee(l, tid);
	if (old)
		tracee_died(old, -1);
	cpu_died(&l->home, &t->cpu);
	hmap_del(&l->tracees, (uint64_t)t->tid);
	t->tid = t->cpu.tid = t->call.tid = tid;
	t->cpu.near = false;
	hmap_set(&l->tracees, (uint64_t)tid, t);
	return t;
}

/* What is kept of a task that another recorded task traces (traced.h). */
#include "record/traced.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>

struct traced *traced_new(struct rtask *t, struct rtask *tracer, bool seized, uint64_t options)
{
	struct traced *tr = xcalloc(1, sizeof(*tr));
	tr->tracer = tracer;
	tr->seized = seized;
	tr->options = options;
	tr->how = PTRACE_CONT;
	tracer->proc->tracees++;
	t->traced = tr;
	/* From now on each wait of the tracer is the recorder's to answer, and each call of the tracee stops.
	 */
	if (tracer->mm->buf)
		tracer->mm->buf->st->off = OFF_ALL;
	if (t->mm->buf)
		t->mm->buf->st->off = OFF_ALL;
	return tr;
}

void traced_free(struct rtask *t)
{
	if (!t->traced)
		return;
	t->traced->tracer->proc->tracees--;
	free(t->traced);
	t->traced = NULL;
	t->call_ended = false;
}

bool traced_born(struct rtask *t)
{
	bool born = t->traced && t->traced->born;
	if (born)
		t->traced->born = false;
	return born;
}

void traced_exec(struct rtask *t, unsigned long former)
{
	if (!t->traced)
		return;
	t->traced->exec_due = true;
	t->traced->exec_msg = former;
}

void traced_call_ended(struct rtask *t, int64_t nr)
{
	struct traced *tr = t->traced;
	if (!tr)
		return;
	t->call_ended = true;
	tr->start_told = tr->filter_told = false;
	bool vfork = nr == SYS_vfork || (t->clone.flags & CLONE_VFORK && sys_row(nr)->cls == C_CLONE);
	tr->vfork_due = vfork && t->result > 0 && tr->options & PTRACE_O_TRACEVFORKDONE;
}

int traced_asks_filter(const struct rtask *t)
{
	const struct traced *tr = t->traced;
	return !tr || !(tr->options & PTRACE_O_TRACESECCOMP) ? 0 : tr->filter_told ? 2 : 1;
}

bool traced_due(const struct rtask *t)
{
	const struct traced *tr = t->traced;
	return tr && !tr->stopped &&
	       (tr->stop_due || tr->inject.si_signo || tr->exec_due || tr->vfork_due || t->call_ended ||
		signal_held(t));
}

pid_t traced_by(const struct rtask *t)
{
	return t->traced ? t->traced->tracer->proc->tgid : 0;
}

bool traced_is_stopped(const struct rtask *t)
{
	return t->traced && t->traced->stopped;
}

void traced_woken(struct rtask *t)
{
	if (t->traced)
		t->traced->stopped = false;
}

uid_t task_uid(pid_t tid)
{
	char path[32];
	struct stat st;
	snprintf(path, sizeof(path), "/proc/%d", tid);
	return stat(path, &st) ? 0 : st.st_uid;
}

struct rtask *traced_written(struct recorder *s, const struct rtask *t, const regs_t *r)
{
	struct rtask *o = task_find(s, (pid_t)r->rsi);
	bool pokes = r->rdi == PTRACE_POKETEXT || r->rdi == PTRACE_POKEDATA;
	return pokes && o && o->traced && o->traced->tracer == t && o->mm->refs > 1 ? o : NULL;
}

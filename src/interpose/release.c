#include "interpose/release.h"

#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interpose/tracees.h"
#include "task/ptrace.h"

/* Tasks that a child event or an early stop tells of are let go when they stop. */
static void ask_all(struct loop *l)
{
	size_t i = 0;
	struct tracee *t;
	while ((t = hmap_next(&l->tracees, &i))) {
		if (t->attached)
			ptrace(PTRACE_INTERRUPT, t->tid, 0, 0);
		else
			syscall(SYS_tgkill, t->tgid, t->tid, SIGKILL);
	}
}

/* A stop of an attached task that is no event and no call is a signal, which it gets. */
static void detach(struct loop *l, struct tracee *t, int status)
{
	int sig = WSTOPSIG(status);
	unsigned long tid;
	int event = pt_event(status);
	if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) {
		if (!pt_event_msg(t->tid, &tid) && !loop_tracee(l, (pid_t)tid))
			tracee_add(l, (pid_t)tid)->attached = true;
	}
	if (event || sig == (SIGTRAP | 0x80))
		sig = 0;
	pt_resume(PTRACE_DETACH, t->tid, sig);
	t->announced = false; /* it is no death */
	tracee_died(t, 0);
}

void release_all(struct loop *l)
{
	cpu_restore_all(&l->home);
	ask_all(l);
	while (l->tracees.n) {
		int status;
		pid_t tid = waitpid(-1, &status, __WALL | __WNOTHREAD);
		if (tid < 0 && errno == EINTR)
			continue;
		if (tid < 0)
			return;
		struct tracee *t = loop_tracee(l, tid);
		if (!WIFSTOPPED(status)) {
			if (t)
				tracee_died(t, status);
			continue;
		}
		if (!t)
			t = tracee_add(l, tid);
		if (t->attached)
			detach(l, t, status);
		else
			syscall(SYS_tgkill, t->tgid, t->tid, SIGKILL);
	}
}

/* The one place where a replayed task is resumed and waited for on the way to its next event. */
#include "replay/session.h"

#include <errno.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "base/err.h"

/* A wait was interrupted, and the client wants the replay to stop: at the next safepoint, or, the next
 * time, where the task is. */
static void hurry(struct replay *s, struct ptask *t)
{
	if (!s->opt.interrupted || !s->debugging || !s->opt.interrupted(s->opt.ctx))
		return;
	s->hurry++;
	ptrace(PTRACE_INTERRUPT, t->pid, 0, 0);
}

int resume_and_wait(struct replay *s, struct ptask *t, int request, int *status)
{
	int rc = pt_resume(request, t->pid, 0);
	if (rc)
		return err_sys(-rc, "cannot resume task %d", t->tid);
	s->runs++;
	s->moved = true;
	while (waitpid(t->pid, status, __WALL) != t->pid) {
		if (errno != EINTR)
			return err_sys(errno, "lost task %d", t->tid);
		hurry(s, t);
	}
	s->stops++;
	if (!WIFSTOPPED(*status))
		return diverge(s, t, "the task died (%s %d)", WIFSIGNALED(*status) ? "signal" : "status",
			       WIFSIGNALED(*status) ? WTERMSIG(*status) : WEXITSTATUS(*status));
	return 0;
}

#include "task/vsyscall.h"

#include <errno.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

/* A negative number skips the call; the kernel still does the return. The interrupt stops the
 * task then, before it runs any code. */
int vsyscall_leave(pid_t tid, regs_t *r, int *status)
{
	uint64_t nr = r->orig_rax;
	r->orig_rax = (uint64_t)-1;
	int rc = pt_setregs(tid, r);
	if (!rc && ptrace(PTRACE_INTERRUPT, tid, 0, 0))
		rc = -errno;
	if (!rc)
		rc = pt_resume(PTRACE_CONT, tid, 0);
	if (rc)
		return rc;
	while (waitpid(tid, status, __WALL) != tid) {
		if (errno != EINTR)
			return -errno;
	}
	if (!WIFSTOPPED(*status) || pt_event(*status) != PTRACE_EVENT_STOP)
		return 1;
	rc = pt_getregs(tid, r);
	r->orig_rax = nr;
	return rc;
}

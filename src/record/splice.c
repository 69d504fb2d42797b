/* splice from an empty pipe into a file that somebody maps. While a call writes such a file, the others of
 * its group wait (filewrite.c), and one of them may be who fills the pipe. So the call is made without
 * waiting; where the pipe is empty, the task waits in a poll first, as in a call that blocks, and makes its
 * call again. */
#include "record/session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#ifndef SPLICE_F_NONBLOCK
#define SPLICE_F_NONBLOCK 2
#endif

void splice_start(struct rtask *t, struct call *c)
{
	if (t->nr == SYS_splice && t->writes == WR_MAPPED)
		c->args[5] |= SPLICE_F_NONBLOCK;
}

bool splice_wait(struct recorder *s, struct rtask *t)
{
	struct pollfd p = {.fd = (int)t->args[0], .events = POLLIN};
	regs_t r = t->regs;
	if (t->splice != SPLICE_EMPTY)
		return false;
	int rc = scratch_room(s, t, sizeof(p));
	if (rc > 0)
		return true;
	t->splice = SPLICE_POLLS;
	t->may_block = true;
	r.orig_rax = SYS_poll;
	r.rdi = t->scratch;
	r.rsi = 1;
	r.rdx = (uint64_t)-1;
	if (rc || mem_write(t->tid, t->scratch, &p, sizeof(p)) || pt_setregs(t->tid, &r))
		t->state = TS_EXITING;
	else
		sched_resume(s, t, PTRACE_SYSCALL, 0, TS_KERNEL);
	return true;
}

/* Does the program's call wait where the pipe is empty? */
static bool may_wait(struct rtask *t)
{
	uint64_t pos;
	unsigned flags = 0;
	return !(t->args[5] & SPLICE_F_NONBLOCK) && !memory_fd_info(t, (int)t->args[0], &pos, &flags) &&
	       !(flags & O_NONBLOCK);
}

bool splice_exit(struct recorder *s, struct rtask *t, regs_t *r, int64_t *result)
{
	bool polled = t->splice == SPLICE_POLLS;
	t->splice = SPLICE_NO;
	if (!polled && (t->nr != SYS_splice || t->writes != WR_MAPPED || *result != -EAGAIN || !may_wait(t)))
		return false;
	if (polled && *result >= RESULT_RESTART_FIRST && *result <= RESULT_RESTART_LAST) {
		t->args_changed = true;
		*r = t->regs;
		*result = RESULT_RESTART_LAST;
		return false;
	}
	if (!polled)
		t->splice = SPLICE_EMPTY;
	call_again(s, t);
	return true;
}

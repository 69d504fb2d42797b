/* Calls that wait before they write a file that somebody maps. While a call writes such a file, the others of
 * its group stand still (filewrite.c), and one of them may be who ends the wait. So no call waits there:
 *  - splice from a pipe is made without waiting. Where the pipe is empty, the task waits in a poll first, as
 *    in a call that blocks;
 *  - truncate, and open with O_TRUNC, wait for leases of others. Nothing tells that before, so a call that is
 *    seen waiting is interrupted, before it has had an effect (-ERESTARTSYS); the task sleeps a little, as in
 *    a call that blocks.
 * Then the task makes its call again. */
#include "record/session.h"

#include "record/taskfd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#ifndef SPLICE_F_NONBLOCK
#define SPLICE_F_NONBLOCK 2
#endif
#define SLEEP_MS 20

void mapwait_start(struct rtask *t, struct call *c)
{
	if (t->nr == SYS_splice && t->writes == WR_MAPPED)
		c->args[5] |= SPLICE_F_NONBLOCK;
}

/* Is `t` about to make the call that it is to wait before? A handler may have come in between. */
static bool is_due(const struct rtask *t)
{
	return t->mapwait.state == MAPWAIT_DUE && t->mapwait.rip == t->regs.rip &&
	       t->mapwait.rsp == t->regs.rsp;
}

struct action mapwait_poll(struct recorder *s, struct rtask *t)
{
	bool pipe = t->nr == SYS_splice;
	struct pollfd p = {.fd = pipe ? (int)t->args[0] : -1, .events = POLLIN};
	regs_t r = t->regs;
	if (!is_due(t)) {
		t->mapwait.state = MAPWAIT_NO;
		return act(ACT_NOT_MINE);
	}
	int rc = scratch_room(s, t, sizeof(p));
	if (rc > 0)
		return call_restart(t);
	t->mapwait.state = MAPWAIT_POLLS;
	t->may_block = true;
	r.orig_rax = SYS_poll;
	r.rdi = t->scratch;
	r.rsi = 1;
	r.rdx = signal_held(t) ? 0 : pipe ? (uint64_t)-1 : SLEEP_MS;
	rc = rc || mem_write(t->tid, t->scratch, &p, sizeof(p)) || pt_setregs(t->tid, &r);
	return act_unless(rc, act_call());
}

void mapwait_cut(struct rtask *t)
{
	if (t->mapwait.state == MAPWAIT_NO && !ptrace(PTRACE_INTERRUPT, t->tid, 0, 0))
		t->mapwait.state = MAPWAIT_CUT;
}

/* Does the program's splice wait where the pipe is empty? */
static bool may_wait(struct rtask *t)
{
	uint64_t pos;
	unsigned flags = 0;
	return !(t->args[5] & SPLICE_F_NONBLOCK) && !taskfd_info(t, (int)t->args[0], &pos, &flags) &&
	       !(flags & O_NONBLOCK);
}

/* The call has ended, since it must not wait there. */
static bool waited(struct rtask *t, bool cut, int64_t result)
{
	if (cut)
		return result == RESULT_RESTART_LAST && !signal_pending(t) && !signal_held(t);
	return t->nr == SYS_splice && t->writes == WR_MAPPED && result == -EAGAIN && may_wait(t);
}

struct action mapwait_exit(struct rtask *t, regs_t *r, int64_t *result)
{
	bool polled = t->mapwait.state == MAPWAIT_POLLS, cut = t->mapwait.state == MAPWAIT_CUT;
	t->mapwait.state = MAPWAIT_NO;
	if (!polled && !waited(t, cut, *result))
		return act(ACT_NOT_MINE);
	/* A signal that is held interrupts the call, as a signal does that arrives while the task waits. */
	if (polled &&
	    ((*result >= RESULT_RESTART_FIRST && *result <= RESULT_RESTART_LAST) || signal_held(t))) {
		t->args_changed = true;
		*r = t->regs;
		*result = RESULT_RESTART_LAST;
		return act(ACT_NOT_MINE);
	}
	if (!polled) {
		t->mapwait.state = MAPWAIT_DUE;
		t->mapwait.rip = t->regs.rip;
		t->mapwait.rsp = t->regs.rsp;
	}
	return call_again(t);
}

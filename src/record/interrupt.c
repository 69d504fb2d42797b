/* Signals that natively nobody notices. The kernel discards a signal that its task ignores when it
 * is sent, but not where the task is traced: there every signal is queued, and wakes the task. A
 * SIGCONT wakes a traced task even if it blocks that. What a call that was woken does:
 *  - most return -ERESTART*, and the kernel starts them again: nothing to do here;
 *  - those of F_EINTR return EINTR. They go on, with what is left of their time, unless a signal
 *    has come that natively interrupts them too. The program and the trace see one call;
 *  - those of F_PARTIAL return with part of their work done, which cannot be taken back: during
 *    them the task blocks what it ignores. */
#include "record/session.h"

#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "layout.h"
#include "task/proc.h"
#include "task/tsc.h"

#define BIT(sig) (1ull << ((sig)-1))
#define DEFAULT_IGNORED (BIT(SIGCHLD) | BIT(SIGCONT) | BIT(SIGURG) | BIT(SIGWINCH))
#define PART_MIN 4096	     /* bytes that every pipe and socket takes whole or not at all */
#define TIME_MAX 1000000000  /* s: a longer time is never over */
#define COARSE_STEP 10000000 /* ns by which coarse_ns may be behind, at most */
#define ERESTARTNOHAND 514   /* include/linux/errno.h: EINTR if a handler runs, else the call again */

static uint64_t now_ns(void)
{
	struct timespec ts = {0};
	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* What t's process ignores, for whatever reason. */
static uint64_t ignored(const struct proc_status *p)
{
	return (p->ignored | DEFAULT_IGNORED) & ~p->caught;
}

/* --- time --- */

/* The argument that says how long the call waits at most, or -1. Only rows with F_EINTR: in
 * these times are relative. */
static int timeout_arg(const struct sysrow *row)
{
	for (int i = 0; i < 6; i++) {
		const struct arg_spec *a = &row->args[i];
		if ((a->kind == K_IN && a->type == T_TIMESPEC) || (a->kind == K_VAL && a->type == T_MSEC))
			return i;
	}
	return -1;
}

/* When the call of `t` that now starts is to end; 0: never, or the kernel refuses the time. */
static uint64_t deadline(const struct rtask *t, const struct sysrow *row)
{
	int arg = timeout_arg(row);
	struct timespec ts;
	if (arg < 0)
		return 0;
	if (row->args[arg].kind == K_VAL) {
		int ms = (int)t->args[arg];
		return ms > 0 ? now_ns() + (uint64_t)ms * 1000000 : 0;
	}
	if (!t->args[arg] || mem_read(t->tid, t->args[arg], &ts, sizeof(ts)) != sizeof(ts) || ts.tv_sec < 0 ||
	    ts.tv_sec >= TIME_MAX || (uint64_t)ts.tv_nsec >= 1000000000)
		return 0;
	return now_ns() + (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* Calls whose time is an option of their socket get all of it again when they are made again: the
 * recorder ends them. 0: they take as long as they take. */
static uint64_t socket_deadline(const struct rtask *t)
{
	uint8_t kind = sys_row(t->nr)->args[1].kind;
	bool in = kind == K_OUT || kind == K_IOV_OUT || kind == K_MSG_OUT || kind == K_MMSG_OUT;
	struct timeval tv = {0};
	socklen_t len = sizeof(tv);
	int pidfd = (int)syscall(SYS_pidfd_open, t->proc->tgid, 0);
	int fd = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, t->args[0], 0);
	if (fd >= 0)
		getsockopt(fd, SOL_SOCKET, in ? SO_RCVTIMEO : SO_SNDTIMEO, &tv, &len);
	close(fd);
	close(pidfd);
	if (!tv.tv_sec && !tv.tv_usec)
		return 0;
	return t->intr.start + (uint64_t)tv.tv_sec * 1000000000 + (uint64_t)tv.tv_usec * 1000;
}

/* Is the time over that an option of its socket gives the call of `t`? */
static bool socket_time_over(const struct rtask *t)
{
	return t->intr.deadline && timeout_arg(sys_row(t->nr)) < 0 && now_ns() >= t->intr.deadline;
}

/* The call of `t` is made again: with the rest of its time. */
static int set_left(struct rtask *t, regs_t *r)
{
	uint64_t now = now_ns(), left = t->intr.deadline > now ? t->intr.deadline - now : 0;
	int arg = timeout_arg(sys_row(t->nr));
	struct timespec ts = {(time_t)(left / 1000000000), (long)(left % 1000000000)};
	unsigned long long *regs[] = {&r->rdi, &r->rsi, &r->rdx, &r->r10, &r->r8, &r->r9};
	if (!t->intr.deadline || arg < 0)
		return 0;
	*regs[arg] = RUNTIME_LEFT;
	if (sys_row(t->nr)->args[arg].kind == K_VAL)
		*regs[arg] = (left + 999999) / 1000000;
	else if (mem_write(t->tid, RUNTIME_LEFT, &ts, sizeof(ts)))
		return -ESRCH;
	t->args_changed = true;
	return pt_setregs(t->tid, r);
}

/* --- what is blocked --- */

/* What t's process ignores, from /proc only if an action may have changed since. */
static uint64_t known_ignored(struct rtask *t)
{
	struct rproc *p = t->proc;
	const struct state *st = t->mm->buf ? t->mm->buf->st : NULL;
	struct proc_status ps;
	if (st && p->ignored_known && p->actions_seen == st->actions)
		return p->ignored;
	if (proc_status(t->tid, &ps))
		return 0;
	p->ignored_known = st;
	p->actions_seen = st ? st->actions : 0;
	return p->ignored = ignored(&ps);
}

static void block_ignored(struct rtask *t)
{
	uint64_t mask, bits = known_ignored(t);
	if (pt_sigmask(t->tid, &mask) || !(bits & ~mask) || pt_set_sigmask(t->tid, mask | bits))
		return;
	t->intr.blocked = bits & ~mask;
	t->intr.mask = mask;
}

static void unblock(struct rtask *t)
{
	if (t->intr.blocked)
		pt_set_sigmask(t->tid, t->intr.mask);
	t->intr.blocked = 0;
}

/* Does the call transfer so much that it may stop half way? Where its memory does not tell
 * (sendfile and its kin), it may. */
static bool may_be_cut(const struct rtask *t, const struct sysrow *row)
{
	uint64_t in = 0;
	bool any = false;
	if (!(row->flags & F_PARTIAL))
		return false;
	for (size_t i = 0; i < t->regions.n; i++) {
		const struct region *r = &t->regions.at[i];
		if (r->dir == DIR_OUT)
			any = true;
		if (r->dir == DIR_IN && r->type == T_BYTES)
			any = true, in += r->len;
	}
	for (int i = 0; i < 6; i++) {
		const struct arg_spec *a = &row->args[i];
		if ((a->type == T_MSGFLAG && t->args[i] & 0x100 /* MSG_WAITALL */) ||
		    ((a->kind == K_MMSG_IN || a->kind == K_MMSG_OUT) && t->args[a->arg] > 1))
			return true;
	}
	return in >= PART_MIN || !any;
}

/* A mask that the call itself sets replaces that of the task, and the kernel puts the task's
 * back only if nobody else has set it meanwhile. */
static bool sets_mask(const struct rtask *t, const struct sysrow *row)
{
	for (int i = 0; i < 6; i++) {
		if (row->args[i].type == T_SIGMASK && t->args[i])
			return true;
	}
	return false;
}

/* --- a call from its start to its end --- */

void interrupt_entry(struct rtask *t)
{
	const struct sysrow *row = sys_row(t->nr);
	if (row->flags & F_EINTR) {
		t->intr.start = coarse_ns() + COARSE_STEP;
		t->intr.deadline = deadline(t, row);
	}
	/* The tracer of a task is told of signals that it ignores. */
	if (may_be_cut(t, row) && !t->traced)
		block_ignored(t);
}

/* Has nothing come that ends the call natively too: a handler, a stop, death? */
static bool unnoticed(const struct rtask *t)
{
	struct proc_status p;
	return !proc_status(t->tid, &p) && !(p.pending & ~p.blocked & ~ignored(&p));
}

/* The call is still in progress: the task runs to where the kernel delivers its signals. */
static struct action go_round(int sig)
{
	return act_run(PTRACE_CONT, sig, TS_KERNEL);
}

struct action interrupt_exit(struct rtask *t, regs_t *r, int64_t *result)
{
	const struct sysrow *row = sys_row(t->nr);
	unblock(t);
	if (*result != -EINTR || !(row->flags & F_EINTR) || t->vsyscall || t->traced || !unnoticed(t))
		return act(ACT_NOT_MINE);
	if (!t->intr.deadline && timeout_arg(row) < 0)
		t->intr.deadline = socket_deadline(t);
	if (socket_time_over(t)) {
		*result = t->nr == SYS_connect ? -EINPROGRESS : -EAGAIN;
		return act(ACT_NOT_MINE);
	}
	/* If a handler runs after all, or the task stops, interrupt_stop tells the program. */
	r->rax = (uint64_t)-ERESTARTNOHAND;
	if (pt_setregs(t->tid, r))
		return act(ACT_GONE);
	t->intr.again = true;
	return go_round(0);
}

/* The kernel starts the call of `t` again. */
static struct action restart(struct rtask *t)
{
	regs_t r;
	struct action a = act_call();
	if (pt_getregs(t->tid, &r) || set_left(t, &r))
		return act(ACT_GONE);
	t->intr.again = false;
	if (!sets_mask(t, sys_row(t->nr)))
		block_ignored(t);
	/* The time is in a place that others use as well: the kernel reads it before that. */
	a.settle = t->args_changed;
	return a;
}

/* The call is over, with EINTR; what `t` has stopped for comes after it. */
static struct action end(struct recorder *s, struct rtask *t)
{
	regs_t r;
	t->intr.again = false;
	if (pt_getregs(t->tid, &r))
		return act(ACT_GONE);
	t->stepping = true; /* nothing has run since its end */
	return act(call_end(s, t, &r, -EINTR) ? ACT_DONE : ACT_NOT_MINE);
}

struct action interrupt_stop(struct recorder *s, struct rtask *t, int ev, int sig)
{
	struct proc_status p;
	if (!t->intr.again)
		return act(ACT_NOT_MINE);
	switch (ev) {
	case PTRACE_EVENT_SECCOMP:
		return restart(t);
	case PTRACE_EVENT_STOP: /* by another signal than SIGTRAP: it stops with its process */
		return sig != SIGTRAP ? end(s, t) : go_round(0);
	case 0:
		break;
	default:
		return act(ACT_NOT_MINE);
	}
	if (sig == (SIGTRAP | 0x80)) /* the start of the call, before the program's own filters */
		return go_round(0);
	if (!proc_status(t->tid, &p) && !(BIT(sig) & ~ignored(&p)))
		return go_round(sig);
	return end(s, t);
}

void interrupt_tick(struct recorder *s)
{
	size_t i = 0;
	struct rtask *t;
	struct proc_status p;
	while ((t = hmap_next(&s->tasks, &i))) {
		if (t->state != TS_KERNEL || t->has_status)
			continue;
		if (socket_time_over(t))
			ptrace(PTRACE_INTERRUPT, t->tid, 0, 0);
		/* Its process may handle now what it ignored when the call began. */
		if (t->intr.blocked && t->mm->buf && t->mm->buf->st->actions != t->proc->actions_seen &&
		    !proc_status(t->tid, &p) && p.pending & t->intr.blocked & p.caught)
			ptrace(PTRACE_INTERRUPT, t->tid, 0, 0);
	}
}

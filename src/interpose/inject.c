/* Calls that a task makes for a module. */
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interpose/loop.h"
#include "task/ptrace.h"

/* Resume until the task's own next stop of a call. Job control and what else comes meanwhile is let
 * pass; signals are blocked, but SIGSTOP cannot be, and is sent again. 0 or -errno. */
static int to_call_stop(struct tracee *t, uint8_t want)
{
	bool stop_again = false;
	int rc, status;
	for (;;) {
		rc = pt_resume(PTRACE_SYSCALL, t->tid, 0);
		if (rc)
			return rc;
		while (waitpid(t->tid, &status, __WALL | __WNOTHREAD) < 0 && errno == EINTR)
			;
		t->loop->stats.stops++;
		struct __ptrace_syscall_info si = {.op = PTRACE_SYSCALL_INFO_NONE};
		if (!WIFSTOPPED(status)) {
			t->reaped = true;
			t->status = status;
			return -ESRCH;
		}
		if (!pt_event(status) && WSTOPSIG(status) == SIGSTOP)
			stop_again = true;
		ptrace(PTRACE_GET_SYSCALL_INFO, t->tid, sizeof(si), &si);
		if (si.op == want)
			break;
	}
	if (stop_again)
		syscall(SYS_tgkill, t->tgid, t->tid, SIGSTOP);
	return 0;
}

static void set_call(regs_t *r, int64_t nr, const uint64_t a[6])
{
	r->rax = r->orig_rax = (uint64_t)nr;
	r->rdi = a[0], r->rsi = a[1], r->rdx = a[2], r->r10 = a[3], r->r8 = a[4], r->r9 = a[5];
}

static bool made_by_syscall(const struct tracee *t, uint64_t ip)
{
	uint8_t code[2];
	return mem_read(t->tid, ip - 2, code, 2) == 2 && code[0] == 0x0f && code[1] == 0x05;
}

/* The task stands at the start of its call: the other one takes its place, and then it is begun again. */
static int instead(struct tracee *t, const regs_t *own, regs_t *r)
{
	regs_t again = *own;
	int rc = pt_setregs(t->tid, r);
	rc = rc ? rc : to_call_stop(t, PTRACE_SYSCALL_INFO_EXIT);
	rc = rc ? rc : pt_getregs(t->tid, r);
	again.rip -= 2;
	again.rax = own->orig_rax;
	rc = rc ? rc : pt_setregs(t->tid, &again);
	return rc ? rc
		  : to_call_stop(t, t->filtered ? PTRACE_SYSCALL_INFO_SECCOMP : PTRACE_SYSCALL_INFO_ENTRY);
}

/* The task stands at the end of its call: it executes the instruction once more. */
static int behind(struct tracee *t, regs_t *r)
{
	r->rip -= 2;
	int rc = pt_setregs(t->tid, r);
	rc = rc ? rc : to_call_stop(t, PTRACE_SYSCALL_INFO_EXIT);
	return rc ? rc : pt_getregs(t->tid, r);
}

int64_t loop_inject(struct tracee *t, int64_t nr, const uint64_t args[6])
{
	struct __ptrace_syscall_info si = {.op = PTRACE_SYSCALL_INFO_NONE};
	regs_t own, r;
	uint64_t mask;
	int rc = pt_getregs(t->tid, &own);
	if (!rc && ptrace(PTRACE_GET_SYSCALL_INFO, t->tid, sizeof(si), &si) <= 0)
		rc = -errno;
	if (!rc && (si.op == PTRACE_SYSCALL_INFO_NONE || !made_by_syscall(t, own.rip)))
		rc = -EOPNOTSUPP;
	rc = rc ? rc : pt_sigmask(t->tid, &mask);
	rc = rc ? rc : pt_set_sigmask(t->tid, ~0ull);
	if (rc)
		return rc;
	r = own;
	set_call(&r, nr, args);
	rc = si.op == PTRACE_SYSCALL_INFO_EXIT ? behind(t, &r) : instead(t, &own, &r);
	rc = rc ? rc : pt_setregs(t->tid, &own);
	rc = rc ? rc : pt_set_sigmask(t->tid, mask);
	return rc ? rc : (int64_t)r.rax;
}

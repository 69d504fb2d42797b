#include "task/remote.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "layout.h"

struct batch_page {
	uint64_t count, pad;
	struct {
		uint64_t nr, args[6], result;
	} call[RUNTIME_BATCH_MAX];
};

static int wait_for(pid_t tid, int *status)
{
	for (;;) {
		pid_t r = waitpid(tid, status, __WALL);
		if (r == tid)
			return 0;
		if (r < 0 && errno != EINTR)
			return -errno;
	}
}

/* Would it be raised again by going on? */
static bool raised(int sig)
{
	return sig == SIGSEGV || sig == SIGBUS || sig == SIGILL || sig == SIGFPE || sig == SIGSYS;
}

/* Run on until the task reports the end of the batch. Other stops (a stop signal,
 * SIGKILL on its way) are passed: their effect shows again later. */
static int run_to_end(pid_t tid)
{
	for (;;) {
		int status, rc = pt_resume(PTRACE_CONT, tid, 0);
		if (!rc)
			rc = wait_for(tid, &status);
		if (rc)
			return rc;
		if (!WIFSTOPPED(status))
			return -ESRCH;
		int ev = pt_event(status);
		if (ev == PTRACE_EVENT_SECCOMP)
			return 0;
		if (ev == PTRACE_EVENT_EXIT)
			return -ESRCH;
		/* A fault would only be repeated, and a call that raised a signal is not made. */
		siginfo_t si;
		if (!ev && !pt_siginfo(tid, &si) && si.si_code > 0 && raised(si.si_signo))
			return -EFAULT;
	}
}

int remote_batch(pid_t tid, struct remote_call *calls, unsigned n, enum remote_mode mode)
{
	struct batch_page page = {.count = n};
	for (unsigned i = 0; i < n; i++) {
		page.call[i].nr = (uint64_t)calls[i].nr;
		memcpy(page.call[i].args, calls[i].args, sizeof(calls[i].args));
	}
	regs_t old, r;
	uint64_t mask = 0;
	int rc = pt_getregs(tid, &old);
	if (!rc && mode == REMOTE_RECORD)
		rc = pt_sigmask(tid, &mask);
	if (!rc && mode == REMOTE_RECORD)
		rc = pt_set_sigmask(tid, ~0ull);
	size_t used = 16 + n * sizeof(page.call[0]);
	if (!rc)
		rc = mem_write(tid, RUNTIME_DATA, &page, used);
	if (rc)
		return rc;
	r = old;
	r.rip = RUNTIME_BASE + RUNTIME_BATCH;
	r.orig_rax = (uint64_t)-1; /* no call to restart or to skip */
	r.rax = 0;
	rc = pt_setregs(tid, &r);
	if (!rc)
		rc = run_to_end(tid);
	if (!rc && mem_read(tid, RUNTIME_DATA, &page, used) != used)
		rc = -ESRCH;
	if (rc)
		return rc;
	for (unsigned i = 0; i < n; i++)
		calls[i].result = (int64_t)page.call[i].result;
	old.orig_rax = (uint64_t)-1;
	rc = pt_setregs(tid, &old);
	if (!rc && mode == REMOTE_RECORD)
		rc = pt_set_sigmask(tid, mask);
	return rc;
}

int remote_boot(pid_t tid, uint64_t path, int fd, int close_fd, bool fixed)
{
	regs_t old, r;
	uint64_t mask = 0;
	int rc = pt_getregs(tid, &old);
	if (!rc)
		rc = pt_sigmask(tid, &mask);
	if (!rc)
		rc = pt_set_sigmask(tid, ~0ull);
	if (rc)
		return rc;
	r = old;
	r.rip = RUNTIME_BASE + RUNTIME_BOOT;
	r.orig_rax = (uint64_t)-1;
	r.rax = 0;
	r.rdi = path;
	r.r13 = (uint64_t)(int64_t)fd;
	r.r12 = (uint64_t)(int64_t)close_fd;
	r.rbp = MAP_SHARED | (fixed ? MAP_FIXED : MAP_FIXED_NOREPLACE);
	rc = pt_setregs(tid, &r);
	if (!rc)
		rc = run_to_end(tid);
	if (!rc)
		rc = pt_getregs(tid, &r);
	if (rc)
		return rc;
	old.orig_rax = (uint64_t)-1;
	rc = pt_setregs(tid, &old);
	if (!rc)
		rc = pt_set_sigmask(tid, mask);
	return rc ? rc : r.r14 == RUNTIME_DATA ? 0 : (int64_t)r.r14 < 0 ? (int)r.r14 : -EEXIST;
}

int64_t remote_one(pid_t tid, enum remote_mode mode, int64_t nr, uint64_t a, uint64_t b, uint64_t c,
		   uint64_t d, uint64_t e, uint64_t f)
{
	struct remote_call call = {nr, {a, b, c, d, e, f}, 0};
	int rc = remote_batch(tid, &call, 1, mode);
	return rc ? rc : call.result;
}

int remote_at(pid_t tid, uint64_t ip, struct remote_call *c)
{
	regs_t old, r;
	int status, rc = pt_getregs(tid, &old);
	if (rc)
		return rc;
	r = old;
	r.rip = ip;
	r.orig_rax = (uint64_t)-1;
	r.rax = (uint64_t)c->nr;
	r.rdi = c->args[0];
	r.rsi = c->args[1];
	r.rdx = c->args[2];
	r.r10 = c->args[3];
	r.r8 = c->args[4];
	r.r9 = c->args[5];
	rc = pt_setregs(tid, &r);
	if (!rc) /* to the start of the call, which the filter reports */
		rc = run_to_end(tid);
	if (!rc)
		rc = pt_resume(PTRACE_SYSCALL, tid, 0);
	if (!rc)
		rc = wait_for(tid, &status);
	if (!rc && (!WIFSTOPPED(status) || WSTOPSIG(status) != (SIGTRAP | 0x80)))
		rc = -ESRCH;
	if (!rc)
		rc = pt_getregs(tid, &r);
	if (rc)
		return rc;
	c->result = (int64_t)r.rax;
	old.orig_rax = (uint64_t)-1;
	return pt_setregs(tid, &old);
}

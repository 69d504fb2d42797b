/* A tracer that stops its tracee at the start and the end of each call, looks at them, changes one, takes one out, and
 * gives another result. */
#include "check.h"

#include <linux/ptrace.h>
#include <sys/user.h>

static long pt(long request, pid_t pid, void *addr, long data)
{
	return syscall(SYS_ptrace, request, pid, addr, data);
}

static int child(void)
{
	CHECK(!pt(PTRACE_TRACEME, 0, 0, 0));
	kill(getpid(), SIGSTOP);
	CHECK(syscall(SYS_getppid) == 12345);		     /* another result */
	CHECK(syscall(SYS_getuid) == -1 && errno == ENOENT); /* taken out */
	CHECK(syscall(SYS_lseek, 88, 5, 6) == -1 && errno == EBADF);
	CHECK(syscall(SYS_getpgid, -7) == getpid()); /* becomes getpid */
	return 9;
}

int main(void)
{
	int st, stops = 0;
	bool exits = false;
	struct ptrace_syscall_info si;
	struct user_regs_struct r;
	pid_t pid = fork();
	if (!pid)
		_exit(child());
	CHECK(waitpid(pid, &st, 0) == pid && st >> 8 == SIGSTOP);
	CHECK(!pt(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
	unsigned long nr = 0;
	for (;;) {
		CHECK(!pt(PTRACE_SYSCALL, pid, 0, 0));
		CHECK(waitpid(pid, &st, 0) == pid);
		if (!WIFSTOPPED(st))
			break;
		CHECK(st >> 8 == (SIGTRAP | 0x80));
		CHECK(!pt(PTRACE_GETREGS, pid, 0, (long)&r));
		long n = pt(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(si), (long)&si);
		CHECK(si.arch == 0xc000003e && si.instruction_pointer == r.rip && si.stack_pointer == r.rsp);
		stops++;
		if (!exits && stops == 1 && si.op == PTRACE_SYSCALL_INFO_EXIT)
			continue; /* of the kill that stopped it */
		exits = si.op == PTRACE_SYSCALL_INFO_EXIT;
		if (!exits) {
			CHECK(si.op == PTRACE_SYSCALL_INFO_ENTRY && n == 80);
			CHECK((long long)r.rax == -ENOSYS && r.orig_rax == si.entry.nr);
			nr = si.entry.nr;
			if (nr == SYS_lseek)
				CHECK(si.entry.args[0] == 88 && si.entry.args[1] == 5 && si.entry.args[2] == 6);
			if (nr == SYS_getuid) {
				r.orig_rax = (unsigned long long)-1;
				r.rax = (unsigned long long)-ENOENT;
				CHECK(!pt(PTRACE_SETREGS, pid, 0, (long)&r));
			}
			if (nr == SYS_getpgid) {
				r.orig_rax = SYS_getpid;
				CHECK(!pt(PTRACE_SETREGS, pid, 0, (long)&r));
			}
			continue;
		}
		CHECK(n == 33);
		CHECK(si.exit.is_error == ((long long)r.rax < 0));
		if (nr == SYS_lseek)
			CHECK(si.exit.rval == -EBADF);
		if (nr == SYS_getppid) {
			CHECK(si.exit.rval == getpid());
			r.rax = 12345;
			CHECK(!pt(PTRACE_SETREGS, pid, 0, (long)&r));
		}
	}
	CHECK(WIFEXITED(st) && WEXITSTATUS(st) == 9);
	CHECK(stops > 8);
	return 0;
}

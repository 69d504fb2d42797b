/* A tracer reads and writes the memory and the registers of its tracee. */
#include "check.h"

#include <elf.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

static volatile long word = 1234;
static volatile double d = 1.5;

static __attribute__((noinline)) long answer(long a)
{
	raise(SIGUSR1);
	return a + word;
}

static int child(void)
{
	CHECK(!ptrace(PTRACE_TRACEME, 0, 0, 0));
	CHECK(answer(1) == 4322);
	long r15 = 0, xmm = 0;
	__asm__ volatile("mov $5, %%r15\n\tpxor %%xmm7, %%xmm7\n\tint3\n\tmov %%r15, %0\n\tmovq %%xmm7, %1"
			 : "=r"(r15), "=r"(xmm)
			 :
			 : "r15", "xmm7");
	CHECK(r15 == 77);
	CHECK(xmm == 0x1122);
	return 3;
}

int main(void)
{
	int st;
	struct user_regs_struct r, s;
	struct user_fpregs_struct f;
	pid_t pid = fork();
	if (!pid)
		_exit(child());
	CHECK(waitpid(pid, &st, 0) == pid && WIFSTOPPED(st) && WSTOPSIG(st) == SIGUSR1);
	errno = 0;
	CHECK(ptrace(PTRACE_PEEKDATA, pid, &word, 0) == 1234 && !errno);
	CHECK(!ptrace(PTRACE_POKEDATA, pid, &word, 4321));
	CHECK(ptrace(PTRACE_PEEKDATA, pid, &word, 0) == 4321);
	CHECK(ptrace(PTRACE_PEEKDATA, pid, 8, 0) == -1 && errno == EIO);
	CHECK(!ptrace(PTRACE_GETREGS, pid, 0, &r));
	CHECK(r.cs == 0x33 && r.orig_rax == SYS_tgkill && r.rax == 0);
	/* Code reads as the file has it: it has just made a system call. */
	CHECK((ptrace(PTRACE_PEEKTEXT, pid, r.rip - 2, 0) & 0xffff) == 0x050f); /* syscall */
	CHECK(!ptrace(PTRACE_CONT, pid, 0, 0));

	CHECK(waitpid(pid, &st, 0) == pid && WIFSTOPPED(st) && WSTOPSIG(st) == SIGTRAP);
	struct iovec v = {&s, sizeof(s)};
	CHECK(!ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v) && v.iov_len == sizeof(s));
	CHECK(s.r15 == 5 && (ptrace(PTRACE_PEEKTEXT, pid, s.rip - 1, 0) & 0xff) == 0xcc);
	CHECK(ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user, regs.r15), 0) == 5);
	CHECK(!ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.r15), 76));
	CHECK(!ptrace(PTRACE_GETREGS, pid, 0, &s));
	CHECK(s.r15 == 76);
	s.r15++;
	v = (struct iovec){&s, sizeof(s)};
	CHECK(!ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &v));
	CHECK(!ptrace(PTRACE_GETFPREGS, pid, 0, &f));
	f.xmm_space[7 * 4] = 0x1122;
	CHECK(!ptrace(PTRACE_SETFPREGS, pid, 0, &f));
	SHOW("%llx %llx", r.rip, s.rsp);
	CHECK(!ptrace(PTRACE_CONT, pid, 0, 0));
	reap(pid, 3);
	return 0;
}

/* A filter that asks the tracer: it hears of the call before that is made, may change it, or make it fail. */
#include "check.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#define DATA 77

static void install(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | DATA),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {sizeof(code) / sizeof(*code), code};
	CHECK(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog));
}

static void child(void)
{
	CHECK(!ptrace(PTRACE_TRACEME, 0, 0, 0));
	raise(SIGSTOP);
	install();
	errno = 0;
	long r = syscall(SYS_getppid), e = errno;
	printf("made: %d\n", r == getpid() ? 1 : r > 0);
	r = syscall(SYS_getppid), e = errno;
	printf("taken out: %ld %ld\n", r, e);
	r = syscall(SYS_getppid);
	printf("another: %d\n", r == getpid());
	fflush(stdout);
	_exit(syscall(SYS_getppid) > 0 ? 3 : 4);
}

/* Go on until the filter's question. */
static void to_question(pid_t p, struct user_regs_struct *r, int request)
{
	unsigned long msg = 0;
	struct __ptrace_syscall_info si = {0};
	int st;
	CHECK(!ptrace(request, p, 0, 0) && waitpid(p, &st, 0) == p);
	CHECK(st >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8));
	CHECK(!ptrace(PTRACE_GETEVENTMSG, p, 0, &msg) && msg == DATA);
	CHECK(!ptrace(PTRACE_GETREGS, p, 0, r) && r->orig_rax == SYS_getppid);
	CHECK(ptrace(PTRACE_GET_SYSCALL_INFO, p, sizeof(si), &si) > 0 && si.op == PTRACE_SYSCALL_INFO_SECCOMP);
	CHECK(si.seccomp.nr == SYS_getppid && si.seccomp.ret_data == DATA);
}

int main(void)
{
	struct user_regs_struct r;
	int st;
	pid_t p = fork();
	if (!p)
		child();
	CHECK(waitpid(p, &st, 0) == p && WIFSTOPPED(st));
	CHECK(!ptrace(PTRACE_SETOPTIONS, p, 0, PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD));
	to_question(p, &r, PTRACE_CONT);
	/* Resumed like this, it stops at the end of the call, not at its start. */
	CHECK(!ptrace(PTRACE_SYSCALL, p, 0, 0) && waitpid(p, &st, 0) == p && WSTOPSIG(st) == (SIGTRAP | 0x80));
	CHECK(!ptrace(PTRACE_GETREGS, p, 0, &r) && (pid_t)r.rax == getpid());
	to_question(p, &r, PTRACE_CONT);
	r.orig_rax = (unsigned long)-1;
	r.rax = (unsigned long)-EBUSY;
	CHECK(!ptrace(PTRACE_SETREGS, p, 0, &r));
	to_question(p, &r, PTRACE_CONT);
	r.orig_rax = SYS_getpid;
	CHECK(!ptrace(PTRACE_SETREGS, p, 0, &r));
	to_question(p, &r, PTRACE_CONT);
	CHECK(!ptrace(PTRACE_DETACH, p, 0, 0)); /* the call is made */
	CHECK(waitpid(p, &st, 0) == p);
	printf("%x\n", st);
	return 0;
}

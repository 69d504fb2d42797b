#include "task/machine.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#include "task/ptrace.h"

static void __attribute__((noinline)) come_by(void)
{
	__asm__ volatile("");
}

static void tried(void)
{
	raise(SIGSTOP);
	come_by();
	_exit(0);
}

static int wait_status(pid_t pid)
{
	int status;
	while (waitpid(pid, &status, __WALL) != pid) {
		if (errno != EINTR)
			return 0;
	}
	return status;
}

bool machine_debug_registers(void)
{
	pid_t pid = fork();
	siginfo_t si;
	bool works = false;
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		tried();
	}
	if (pid < 0)
		return false;
	/* Debug register 0, for execution: bit 0 of DR7, the rest zero (Intel SDM volume 3, 18.2). */
	int status = wait_status(pid);
	if (WIFSTOPPED(status) &&
	    !ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg), (uint64_t)come_by) &&
	    !ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg) + 56, 1ul) &&
	    !pt_resume(PTRACE_CONT, pid, 0)) {
		status = wait_status(pid);
		works = WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP && !pt_siginfo(pid, &si) &&
			si.si_code == TRAP_HWBKPT;
	}
	if (WIFSTOPPED(status)) {
		kill(pid, SIGKILL);
		wait_status(pid);
	}
	return works;
}

static void trapped(int sig)
{
	_exit(sig == SIGSEGV ? 1 : 0);
}

bool machine_rdtsc_traps(void)
{
	pid_t pid = fork();
	if (!pid) {
		signal(SIGSEGV, trapped);
		prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0);
		__rdtsc();
		_exit(0);
	}
	int status = pid < 0 ? 0 : wait_status(pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

/* A child that asks to be traced: it stops for its signals and its exec, and its parent lets it go on, changes what
 * it is given, or kills it. */
#include "check.h"

#include <sys/ptrace.h>
#include <sys/user.h>

static volatile int got;
static void on(int sig)
{
	got = sig;
}

static int wait_stop(pid_t pid)
{
	int st;
	CHECK(waitpid(pid, &st, 0) == pid);
	CHECK(WIFSTOPPED(st));
	return st >> 8;
}

static void go(pid_t pid, long sig)
{
	CHECK(!ptrace(PTRACE_CONT, pid, 0, sig));
}

/* Signals are told first, and delivered as the tracer says. */
static void signals(void)
{
	pid_t pid = fork();
	if (!pid) {
		signal(SIGUSR1, on);
		signal(SIGUSR2, on);
		CHECK(!ptrace(PTRACE_TRACEME, 0, 0, 0));
		CHECK(ptrace(PTRACE_TRACEME, 0, 0, 0) == -1 && errno == EPERM);
		raise(SIGUSR1);
		CHECK(got == SIGUSR1);
		got = 0;
		raise(SIGUSR1); /* taken away */
		CHECK(!got);
		raise(SIGUSR1); /* becomes another */
		CHECK(got == SIGUSR2);
		raise(SIGWINCH); /* that nobody handles */
		kill(getpid(), SIGSTOP);
		_exit(7);
	}
	siginfo_t si;
	CHECK(wait_stop(pid) == SIGUSR1);
	CHECK(!ptrace(PTRACE_GETSIGINFO, pid, 0, &si));
	CHECK(si.si_signo == SIGUSR1 && si.si_code == SI_TKILL && si.si_pid == pid);
	CHECK(waitpid(pid, NULL, WNOHANG) == 0);
	go(pid, SIGUSR1);
	CHECK(ptrace(PTRACE_CONT, pid, 0, 0) == -1 && errno == ESRCH);
	CHECK(wait_stop(pid) == SIGUSR1);
	go(pid, 0);
	CHECK(wait_stop(pid) == SIGUSR1);
	go(pid, SIGUSR2);
	CHECK(wait_stop(pid) == SIGWINCH);
	go(pid, SIGWINCH);
	CHECK(wait_stop(pid) == SIGSTOP);
	go(pid, 0);
	reap(pid, 7);
}

/* exec is told as SIGTRAP; it is killed there, or goes on, let go. */
static void execs(void)
{
	for (int how = 0; how < 3; how++) {
		pid_t pid = fork();
		if (!pid) {
			ptrace(PTRACE_TRACEME, 0, 0, 0);
			execl("/bin/echo", "echo", "traced", NULL);
			_exit(1);
		}
		int st;
		CHECK(wait_stop(pid) == SIGTRAP);
		CHECK(!ptrace(how == 0 ? PTRACE_CONT : how == 1 ? PTRACE_DETACH : PTRACE_KILL, pid, 0, 0));
		CHECK(waitpid(pid, &st, 0) == pid);
		CHECK(how == 2 ? WIFSIGNALED(st) && WTERMSIG(st) == SIGKILL : WIFEXITED(st) && !WEXITSTATUS(st));
	}
}

/* Its signal kills it when the tracer lets that through. */
static void dies(void)
{
	int st;
	siginfo_t si;
	pid_t pid = fork();
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		*(volatile int *)8 = 1;
		_exit(1);
	}
	CHECK(wait_stop(pid) == SIGSEGV);
	CHECK(!ptrace(PTRACE_GETSIGINFO, pid, 0, &si) && si.si_addr == (void *)8);
	go(pid, SIGSEGV);
	CHECK(waitpid(pid, &st, 0) == pid && WIFSIGNALED(st) && WTERMSIG(st) == SIGSEGV);
}

int main(void)
{
	signals();
	execs();
	dies();
	return 0;
}

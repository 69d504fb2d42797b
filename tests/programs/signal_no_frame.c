/* Signals whose frames cannot be written, since their stack is bad: SIGSEGV comes instead, where they came; it kills,
 * or finds a handler on another stack. */
#include "check.h"

#include <sys/wait.h>

static void never(int sig)
{
	(void)sig;
	_exit(99);
}

static void ends(int sig)
{
	_exit(sig == SIGSEGV ? 7 : 98);
}

static volatile int zero;

static void raise_it(int how)
{
	if (how == 0)
		__asm__ volatile("idivl %0" : : "r"(zero), "a"(1), "d"(0));
	else if (how == 1)
		kill(getpid(), SIGUSR1);
	else
		for (;;) /* a timer's signal comes in pure computation */
			;
}

static int child(int how, bool handled)
{
	stack_t bad = {.ss_sp = (void *)8, .ss_size = 1 << 16};
	struct sigaction sa = {.sa_handler = never, .sa_flags = SA_ONSTACK}, segv = {.sa_handler = ends};
	struct itimerval it = {{0, 0}, {0, 3000}};
	struct rlimit none = {0, 0};
	setrlimit(RLIMIT_CORE, &none);
	sigaltstack(&bad, NULL);
	sigaction(SIGFPE, &sa, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGALRM, &sa, NULL);
	if (handled)
		sigaction(SIGSEGV, &segv, NULL);
	if (how == 2)
		setitimer(ITIMER_REAL, &it, NULL);
	raise_it(how);
	return 1;
}

int main(void)
{
	for (int i = 0; i < 6; i++) {
		int status;
		fflush(stdout);
		pid_t pid = fork();
		if (!pid)
			_exit(child(i % 3, i >= 3));
		CHECK(waitpid(pid, &status, 0) == pid);
		SHOW("%d: %x", i, status);
	}
	return 0;
}

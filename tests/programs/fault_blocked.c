/* A fault while its signal is blocked kills. */
#include "check.h"

int main(void)
{
	pid_t p = fork();
	if (!p) {
		sigset_t all;
		sigfillset(&all);
		sigprocmask(SIG_BLOCK, &all, NULL);
		*(volatile int *)16 = 1;
		_exit(0);
	}
	int st;
	CHECK(waitpid(p, &st, 0) == p && WIFSIGNALED(st) && WTERMSIG(st) == SIGSEGV);
	return 0;
}

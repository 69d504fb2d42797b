/* SIGSTOP and SIGCONT, seen by waitpid. */
#include "check.h"

int main(void)
{
	pid_t p = fork();
	if (!p) {
		raise(SIGSTOP);
		SHOW("continued");
		_exit(8);
	}
	int st;
	CHECK(waitpid(p, &st, WUNTRACED) == p && WIFSTOPPED(st) && WSTOPSIG(st) == SIGSTOP);
	kill(p, SIGCONT);
	CHECK(waitpid(p, &st, WCONTINUED) == p);
	if (WIFCONTINUED(st))
		reap(p, 8);
	else
		CHECK(WEXITSTATUS(st) == 8);
	return 0;
}

/* SIGTSTP stops a child that does not handle it. */
#include "check.h"

int main(void)
{
	pid_t p = fork();
	if (!p) {
		setpgid(0, 0);
		for (;;)
			pause_ms(1);
	}
	pause_ms(10);
	kill(p, SIGSTOP);
	int st;
	CHECK(waitpid(p, &st, WUNTRACED) == p && WIFSTOPPED(st));
	kill(p, SIGKILL);
	CHECK(waitpid(p, &st, 0) == p && WTERMSIG(st) == SIGKILL);
	return 0;
}

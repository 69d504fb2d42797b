/* A child that computes without a call does not hold up its parent, which kills it. */
#include "check.h"

int main(void)
{
	pid_t p = fork();
	if (!p)
		for (volatile unsigned long i = 0;; i++)
			;
	pause_ms(30);
	kill(p, SIGKILL);
	int st;
	CHECK(waitpid(p, &st, 0) == p && WTERMSIG(st) == SIGKILL);
	return 0;
}

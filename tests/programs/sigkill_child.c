/* A running child is killed with SIGKILL. */
#include "check.h"

int main(void)
{
	pid_t p = fork();
	if (!p)
		for (;;)
			pause();
	pause_ms(10);
	CHECK(!kill(p, SIGKILL));
	int st;
	CHECK(waitpid(p, &st, 0) == p && WTERMSIG(st) == SIGKILL);
	return 0;
}

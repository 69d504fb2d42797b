/* SIGILL fatal in a child. */
#include "check.h"

int main(void)
{
	pid_t p = fork();
	if (!p)
		__builtin_trap();
	int st;
	CHECK(waitpid(p, &st, 0) == p && WIFSIGNALED(st) && WTERMSIG(st) == SIGILL);
	return 0;
}

/* SIGCHLD ignored: children vanish without a wait. */
#include "check.h"

int main(void)
{
	signal(SIGCHLD, SIG_IGN);
	pid_t p = fork();
	if (!p)
		_exit(0);
	CHECK(waitpid(p, NULL, 0) == -1 && errno == ECHILD);
	return 0;
}

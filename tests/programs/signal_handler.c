/* A handler runs for raise and for kill from another process. */
#include "check.h"

static volatile int got;
static void on(int sig)
{
	got += sig;
}
int main(void)
{
	signal(SIGUSR1, on);
	raise(SIGUSR1);
	CHECK(got == SIGUSR1);
	pid_t me = getpid(), p = fork();
	if (!p) {
		kill(me, SIGUSR1);
		_exit(0);
	}
	while (got == SIGUSR1)
		pause_ms(1);
	CHECK(got == 2 * SIGUSR1);
	waitpid(p, NULL, 0);
	return 0;
}

/* A signal for a parent that waits for its vfork child. */
#include "check.h"

static volatile int got;
static void on(int sig)
{
	got = sig;
}
int main(void)
{
	signal(SIGUSR1, on);
	pid_t me = getpid(), p = vfork();
	if (!p) {
		kill(me, SIGUSR1);
		_exit(0);
	}
	CHECK(got == SIGUSR1);
	reap(p, 0);
	return 0;
}

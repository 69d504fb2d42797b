/* Blocked signals stay pending until they are unblocked. */
#include "check.h"

static volatile int got;
static void on(int sig)
{
	got = sig;
}
int main(void)
{
	sigset_t set, pend;
	signal(SIGUSR1, on);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	CHECK(!got && !sigpending(&pend) && sigismember(&pend, SIGUSR1));
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	CHECK(got == SIGUSR1);
	return 0;
}

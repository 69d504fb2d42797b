/* An interrupted nanosleep says how much was left. */
#include "check.h"

static void on(int sig)
{
	(void)sig;
}
int main(void)
{
	struct sigaction sa = {.sa_handler = on};
	sigaction(SIGALRM, &sa, NULL);
	pid_t p = signal_sleeping(getpid(), SIGALRM);
	struct timespec ts = {3600, 0}, rem = {0};
	CHECK(nanosleep(&ts, &rem) == -1 && errno == EINTR);
	CHECK(rem.tv_sec > 0 && rem.tv_sec < 3600);
	SHOW("left %ld", rem.tv_nsec);
	reap(p, 0);
	return 0;
}

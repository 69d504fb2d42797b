/* build: -O1 */
/* A timer whose signal is due again before the code has gone on: it goes on all the same, and so do the handlers. */
#include "check.h"

static volatile unsigned hits;
static unsigned seen;

static void on(int sig)
{
	hits += sig > 0;
}

int main(void)
{
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
	struct itimerspec it = {{0, 30000}, {0, 30000}}, off = {{0, 0}, {0, 0}};
	timer_t t;
	unsigned h = 1;
	signal(SIGRTMIN, on);
	CHECK(!timer_create(CLOCK_MONOTONIC, &ev, &t) && !timer_settime(t, 0, &it, NULL));
	for (int i = 0; i < 200; i++) {
		for (int k = 0; k < 50; k++)
			h = h * 31 + hits;
		seen += getppid() > 0;
	}
	CHECK(!timer_settime(t, 0, &off, NULL));
	SHOW("%u %u %u", h, hits, seen);
	sigset_t now;
	CHECK(!sigprocmask(SIG_BLOCK, NULL, &now) && !sigismember(&now, SIGRTMIN));
	return hits < 1;
}

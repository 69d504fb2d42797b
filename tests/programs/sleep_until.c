/* clock_nanosleep, absolute, interrupted by a handler without SA_RESTART. */
#include "check.h"

static void on(int sig)
{
	(void)sig;
}
int main(void)
{
	struct timespec ts;
	struct sigaction sa = {.sa_handler = on};
	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_nsec += 20000000;
	if (ts.tv_nsec >= 1000000000)
		ts.tv_sec++, ts.tv_nsec -= 1000000000;
	CHECK(!clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL));
	sigaction(SIGALRM, &sa, NULL);
	pid_t p = signal_sleeping(getpid(), SIGALRM);
	ts.tv_sec += 3600;
	CHECK(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR);
	reap(p, 0);
	return 0;
}

/* build: -lrt */
/* POSIX timers: signal with a value, overrun, deletion. */
#include "check.h"

static volatile int hits, value;
static void on(int sig, siginfo_t *si, void *uc)
{
	(void)sig, (void)uc;
	hits++;
	value = si->si_value.sival_int;
}
int main(void)
{
	struct sigaction sa = {.sa_sigaction = on, .sa_flags = SA_SIGINFO};
	sigaction(SIGRTMIN, &sa, NULL);
	struct sigevent se = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 99};
	timer_t t;
	struct itimerspec it = {{0, 3000000}, {0, 3000000}}, old;
	CHECK(!timer_create(CLOCK_MONOTONIC, &se, &t) && !timer_settime(t, 0, &it, NULL));
	while (hits < 5)
		pause();
	CHECK(value == 99 && !timer_gettime(t, &old) && timer_getoverrun(t) >= 0 && !timer_delete(t));
	return 0;
}

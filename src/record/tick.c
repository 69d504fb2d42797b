/* The recorder's timer, which interrupts every wait a hundred times a second. */
#include "record/session.h"

#include <signal.h>
#include <sys/time.h>

static volatile sig_atomic_t tick_due;

static void on_alarm(int sig)
{
	(void)sig;
	tick_due = 1;
}

bool rec_tick_due(void)
{
	if (!tick_due)
		return false;
	tick_due = 0;
	return true;
}

void tick_start(long us)
{
	/* No SA_RESTART: the tick interrupts waitpid. */
	struct sigaction alarm = {.sa_handler = on_alarm};
	struct itimerval tick = {{0, us}, {0, us}};
	sigaction(SIGALRM, &alarm, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);
}

/* The recorder's timer, which interrupts every wait of its thread a hundred times a second. */
#include "record/session.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

/* The timer's signal goes to the thread that has started it: each recording has its own. */
static _Thread_local volatile sig_atomic_t tick_due;

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

int tick_start(struct recorder *s, long us)
{
	/* No SA_RESTART: the tick interrupts waitpid. */
	struct sigaction alarm = {.sa_handler = on_alarm};
	struct sigevent to = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM};
	struct itimerspec tick = {{0, us * 1000}, {0, us * 1000}};
	to.sigev_notify_thread_id = gettid();
	sigaction(SIGALRM, &alarm, NULL);
	if (timer_create(CLOCK_MONOTONIC, &to, &s->timer))
		return -1;
	s->ticks = true;
	return timer_settime(s->timer, 0, &tick, NULL);
}

void tick_stop(struct recorder *s)
{
	if (s->ticks)
		timer_delete(s->timer);
	s->ticks = false;
}

/* Ends by a signal that nobody handles: abort in a thread, or (with an argument) a timer's while it waits. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

static void *bad(void *p)
{
	abort();
	return p;
}

static void waits(void)
{
	struct itimerval soon = {.it_value.tv_usec = 20000};
	setitimer(ITIMER_REAL, &soon, NULL);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	pthread_t t;
	(void)argv;
	if (argc > 1)
		waits();
	pthread_create(&t, NULL, bad, NULL);
	pthread_join(t, NULL);
	return 0;
}

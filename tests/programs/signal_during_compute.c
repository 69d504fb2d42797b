/* A timer's handler runs at the next call after a stretch of computation. */
#include "check.h"

static volatile int hits;
static void on(int sig)
{
	(void)sig;
	hits++;
}
int main(void)
{
	signal(SIGALRM, on);
	struct itimerval it = {{0, 3000}, {0, 3000}};
	setitimer(ITIMER_REAL, &it, NULL);
	volatile unsigned sum = 0;
	int last = 0;
	for (int round = 0; round < 30; round++) {
		for (int i = 0; i < 300000; i++)
			sum = sum * 31 + (unsigned)i;
		getppid();
		if (hits != last)
			SHOW("%d hits in round %d", hits, round);
		last = hits;
	}
	return 0;
}

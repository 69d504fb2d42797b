/* setitimer: real and virtual time, alarm. */
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
	signal(SIGVTALRM, on);
	struct itimerval it = {{0, 2000}, {0, 2000}}, off = {{0, 0}, {0, 0}}, old;
	CHECK(!setitimer(ITIMER_REAL, &it, NULL));
	while (hits < 5)
		pause();
	CHECK(!setitimer(ITIMER_REAL, &off, &old));
	CHECK(!setitimer(ITIMER_VIRTUAL, &it, NULL));
	int before = hits;
	while (hits == before)
		getppid();
	SHOW("%d", hits);
	return 0;
}

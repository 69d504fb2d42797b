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
	struct itimerval it = {{0, 0}, {0, 20000}};
	setitimer(ITIMER_REAL, &it, NULL);
	struct timespec ts = {1, 0}, rem = {0};
	CHECK(nanosleep(&ts, &rem) == -1 && errno == EINTR);
	CHECK(rem.tv_sec == 0 && rem.tv_nsec > 0);
	SHOW("left %ld", rem.tv_nsec);
	return 0;
}

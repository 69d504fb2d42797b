/* build: -static */
/* A statically linked program. */
#include "check.h"

int main(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	SHOW("%ld.%09ld pid %d", ts.tv_sec, ts.tv_nsec, getpid());
	reap(fork() ?: (_exit(3), 0), 3);
	return 0;
}

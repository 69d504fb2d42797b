/* Clocks, through the vdso and through calls. */
#include "check.h"

#include <sys/auxv.h>
int main(void)
{
	struct timespec a, b;
	struct timeval tv;
	unsigned cpu, node;
	CHECK(getauxval(AT_SYSINFO_EHDR));
	CHECK(!clock_gettime(CLOCK_MONOTONIC, &a) && !clock_gettime(CLOCK_REALTIME, &b) && !gettimeofday(&tv, NULL));
	SHOW("%ld.%09ld %ld.%09ld %ld.%06ld %ld", a.tv_sec, a.tv_nsec, b.tv_sec, b.tv_nsec, tv.tv_sec, tv.tv_usec, (long)time(NULL));
	CHECK(!syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &b) && (b.tv_sec > a.tv_sec || b.tv_nsec > a.tv_nsec));
	CHECK(!clock_getres(CLOCK_MONOTONIC, &a) && !getcpu(&cpu, &node));
	SHOW("cpu %u res %ld clock %ld", cpu, a.tv_nsec, (long)clock());
	return 0;
}

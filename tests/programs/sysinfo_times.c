/* sysinfo, times, getrusage, getpriority. */
#include "check.h"

int main(void)
{
	struct sysinfo si;
	struct tms t;
	struct rusage ru;
	CHECK(!sysinfo(&si) && times(&t) != -1 && !getrusage(RUSAGE_SELF, &ru));
	SHOW("%ld %lu %ld %d", si.uptime, si.freeram, ru.ru_minflt, getpriority(PRIO_PROCESS, 0));
	return 0;
}

/* The program sees all CPUs, and the affinity it set. */
#include "check.h"

int main(void)
{
	cpu_set_t s, t;
	CHECK(!sched_getaffinity(0, sizeof(s), &s));
	SHOW("%d cpus, %ld online", CPU_COUNT(&s), sysconf(_SC_NPROCESSORS_ONLN));
	int first = 0;
	while (!CPU_ISSET(first, &s))
		first++;
	CPU_ZERO(&t);
	CPU_SET(first, &t);
	CHECK(!sched_setaffinity(0, sizeof(t), &t) && !sched_getaffinity(0, sizeof(s), &s) && CPU_EQUAL(&s, &t));
	CPU_ZERO(&t);
	CPU_SET(1000, &t);
	CHECK(sched_setaffinity(0, sizeof(t), &t) == -1 && errno == EINVAL);
	return 0;
}

/* membarrier, getcpu, sched calls, ioprio. */
#include "check.h"

int main(void)
{
	struct sched_param sp = {0};
	CHECK(syscall(SYS_membarrier, 0, 0, 0) >= -1);
	CHECK(sched_getscheduler(0) == SCHED_OTHER && !sched_getparam(0, &sp) && !sched_yield());
	SHOW("%d %ld", sched_get_priority_max(SCHED_FIFO), syscall(SYS_ioprio_get, 1, 0));
	return 0;
}

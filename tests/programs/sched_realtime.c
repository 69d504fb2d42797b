/* Realtime policies, where they may be set, are seen as set. */
#include "check.h"

int main(void)
{
	struct sched_param p = {.sched_priority = 5}, q = {0};
	int rc = sched_setscheduler(0, SCHED_FIFO, &p);
	if (rc == 0) {
		CHECK(sched_getscheduler(0) == SCHED_FIFO && !sched_getparam(0, &q) && q.sched_priority == 5);
		p.sched_priority = 0;
		CHECK(!sched_setscheduler(0, SCHED_OTHER, &p) && sched_getscheduler(0) == SCHED_OTHER);
	} else {
		CHECK(errno == EPERM);
	}
	return 0;
}

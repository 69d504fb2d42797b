/* eventfd and timerfd. */
#include "check.h"

int main(void)
{
	int e = eventfd(3, EFD_SEMAPHORE), t = timerfd_create(CLOCK_MONOTONIC, 0);
	uint64_t v;
	CHECK(read(e, &v, 8) == 8 && v == 1);
	v = 5;
	CHECK(write(e, &v, 8) == 8);
	struct itimerspec it = {{0, 2000000}, {0, 2000000}}, now;
	CHECK(!timerfd_settime(t, 0, &it, NULL));
	pause_ms(10);
	CHECK(read(t, &v, 8) == 8 && v >= 2 && !timerfd_gettime(t, &now));
	SHOW("%lu expirations, %ld left", v, now.it_value.tv_nsec);
	return 0;
}

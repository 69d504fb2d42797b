/* poll, ppoll, select, pselect. */
#include "check.h"

int main(void)
{
	int p[2];
	CHECK(!pipe(p));
	struct pollfd f[2] = {{p[0], POLLIN, 0}, {p[1], POLLOUT, 0}};
	struct timespec ts = {0, 5000000};
	struct timeval tv = {0, 5000};
	fd_set r, w;
	CHECK(poll(f, 2, -1) == 1 && f[1].revents == POLLOUT && ppoll(f, 1, &ts, NULL) == 0);
	FD_ZERO(&r);
	FD_SET(p[0], &r);
	CHECK(select(p[0] + 1, &r, NULL, NULL, &tv) == 0 && !FD_ISSET(p[0], &r) && tv.tv_usec == 0);
	CHECK(write(p[1], "x", 1) == 1);
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_SET(p[0], &r);
	FD_SET(p[1], &w);
	CHECK(pselect(p[1] + 1, &r, &w, NULL, NULL, NULL) == 2);
	return 0;
}

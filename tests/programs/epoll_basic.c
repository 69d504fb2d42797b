/* epoll: edge and level triggered, data, timeouts. */
#include "check.h"

int main(void)
{
	int p[2], e = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event ev = {EPOLLIN | EPOLLET, {.u64 = 0x1234567890}}, got[4];
	CHECK(!pipe(p) && !epoll_ctl(e, EPOLL_CTL_ADD, p[0], &ev) && epoll_wait(e, got, 4, 5) == 0);
	CHECK(write(p[1], "x", 1) == 1 && epoll_wait(e, got, 4, -1) == 1 && got[0].data.u64 == 0x1234567890);
	CHECK(epoll_wait(e, got, 4, 0) == 0);
	ev.events = EPOLLIN;
	CHECK(!epoll_ctl(e, EPOLL_CTL_MOD, p[0], &ev) && epoll_pwait(e, got, 4, 100, NULL) == 1);
	CHECK(!epoll_ctl(e, EPOLL_CTL_DEL, p[0], NULL));
	return 0;
}

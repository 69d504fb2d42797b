/* build: -pthread */
/* A descriptor passed through a socket, received by a threaded process. */
#include "check.h"

static void *block(void *p)
{
	pause();
	return p;
}
int main(void)
{
	int s[2], p[2], got = -1;
	pthread_t t;
	CHECK(!socketpair(AF_UNIX, SOCK_DGRAM, 0, s) && !pipe(p) && !pthread_create(&t, NULL, block, NULL));
	char data[1] = {'x'}, in[8], ctl[CMSG_SPACE(sizeof(int))] = "", ctl2[256];
	struct iovec iov = {data, 1}, iov2 = {in, 8};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = ctl, .msg_controllen = sizeof(ctl)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET, c->cmsg_type = SCM_RIGHTS, c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &p[1], sizeof(int));
	CHECK(sendmsg(s[0], &m, 0) == 1);
	struct msghdr r = {.msg_iov = &iov2, .msg_iovlen = 1, .msg_control = ctl2, .msg_controllen = sizeof(ctl2)};
	CHECK(recvmsg(s[1], &r, 0) == 1 && in[0] == 'x' && (c = CMSG_FIRSTHDR(&r)) && c->cmsg_type == SCM_RIGHTS);
	memcpy(&got, CMSG_DATA(c), sizeof(int));
	CHECK(write(got, "y", 1) == 1 && read(p[0], in, 1) == 1 && in[0] == 'y');
	return 0;
}

/* build: -pthread */
/* sendmmsg and recvmmsg, with and without a second thread. */
#include "check.h"

static void *block(void *p)
{
	pause();
	return p;
}
static void round_(int a, int b)
{
	char t[3][8] = {"one", "two", "three"}, in[4][8] = {{0}};
	struct iovec o[3], i[4];
	struct mmsghdr out[3] = {0}, got[4] = {0};
	for (int k = 0; k < 4; k++) {
		if (k < 3) {
			o[k] = (struct iovec){t[k], 8};
			out[k].msg_hdr = (struct msghdr){.msg_iov = &o[k], .msg_iovlen = 1};
		}
		i[k] = (struct iovec){in[k], 8};
		got[k].msg_hdr = (struct msghdr){.msg_iov = &i[k], .msg_iovlen = 1};
	}
	CHECK(sendmmsg(a, out, 3, 0) == 3 && out[2].msg_len == 8);
	CHECK(recvmmsg(b, got, 4, MSG_WAITFORONE, NULL) == 3 && got[2].msg_len == 8 && !strcmp(in[2], "three"));
}
int main(void)
{
	int s[2];
	pthread_t th;
	CHECK(!socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
	round_(s[0], s[1]);
	CHECK(!pthread_create(&th, NULL, block, NULL));
	round_(s[0], s[1]);
	return 0;
}

/* Options that make the kernel write behind a pointer in them: TCP_ZEROCOPY_RECEIVE with a buffer to copy to.
 * And commands that no kernel knows. */
#include "check.h"

#include <netinet/tcp.h>

struct zerocopy { /* struct tcp_zerocopy_receive */
	uint64_t address;
	uint32_t length, skip, inq;
	int32_t err;
	uint64_t copy_to;
	int32_t copy_len;
	uint32_t flags;
};

int main(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int l = socket(AF_INET, SOCK_STREAM, 0), c = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(!bind(l, (void *)&a, sizeof(a)) && !listen(l, 1) && !getsockname(l, (void *)&a, &len));
	CHECK(!connect(c, (void *)&a, sizeof(a)));
	int s = accept(l, NULL, NULL);
	char sent[100], got[200] = "";
	snprintf(sent, sizeof(sent), "at %ld", (long)time(NULL));
	CHECK(s >= 0 && send(c, sent, sizeof(sent), 0) == sizeof(sent));
	struct pollfd p = {.fd = s, .events = POLLIN};
	CHECK(poll(&p, 1, -1) == 1);
	struct zerocopy z = {.copy_to = (uint64_t)got, .copy_len = sizeof(got)};
	len = sizeof(z);
	int r = getsockopt(s, IPPROTO_TCP, 35 /* TCP_ZEROCOPY_RECEIVE */, &z, &len);
	SHOW("%d, %d bytes: %s", r, z.copy_len, got);
	CHECK(r || z.copy_len <= 0 || !strcmp(got, sent));
	CHECK(prctl(0x7654321, got, got, got, got) == -1 && errno == EINVAL);
	CHECK(fcntl(s, 5000, got) == -1 && errno == EINVAL);
	return 0;
}

/* Unix sockets: stream, datagram, credentials, names. */
#include "check.h"

int main(void)
{
	int s[2];
	char b[16];
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, s) && send(s[0], "ping", 4, 0) == 4 && recv(s[1], b, 16, 0) == 4);
	struct ucred c;
	socklen_t n = sizeof(c);
	CHECK(!getsockopt(s[0], SOL_SOCKET, SO_PEERCRED, &c, &n) && c.pid == getpid());
	struct sockaddr_un a = {.sun_family = AF_UNIX}, from;
	snprintf(a.sun_path + 1, 60, "reprise-%d", getpid());
	int d = socket(AF_UNIX, SOCK_DGRAM, 0), e = socket(AF_UNIX, SOCK_DGRAM, 0);
	CHECK(!bind(d, (void *)&a, sizeof(a)) && sendto(e, "gram", 4, 0, (void *)&a, sizeof(a)) == 4);
	n = sizeof(from);
	CHECK(recvfrom(d, b, 16, 0, (void *)&from, &n) == 4);
	/* Descriptors that are given before it fails, and a length. */
	int pair[2] = {-7, -7};
	CHECK(socketpair(AF_INET, SOCK_STREAM, 0, pair) == -1 && errno == EOPNOTSUPP);
	SHOW("%d %d", pair[0], pair[1]);
	n = 0;
	int got = getsockopt(s[0], SOL_SOCKET, SO_PEERGROUPS, b, &n);
	SHOW("%d %u", got, n);
	n = sizeof(from);
	CHECK(!getsockname(d, (void *)&from, &n) && n == sizeof(a) && !shutdown(s[0], SHUT_WR) && read(s[1], b, 1) == 0);
	return 0;
}

/* TCP over loopback: accept, options, poll, shutdown. */
#include "check.h"

int main(void)
{
	int l = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, peer;
	socklen_t n = sizeof(a);
	CHECK(!setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
	CHECK(!bind(l, (void *)&a, n) && !getsockname(l, (void *)&a, &n) && !listen(l, 5));
	pid_t p = fork();
	if (!p) {
		int c = socket(AF_INET, SOCK_STREAM, 0);
		char b[8];
		CHECK(!connect(c, (void *)&a, sizeof(a)) && write(c, "hello", 5) == 5 && read(c, b, 8) == 3);
		_exit(0);
	}
	n = sizeof(peer);
	int c = accept4(l, (void *)&peer, &n, SOCK_CLOEXEC);
	CHECK(c >= 0);
	struct pollfd f = {c, POLLIN, 0};
	char b[8];
	CHECK(poll(&f, 1, 1000) == 1 && recv(c, b, 8, MSG_PEEK) <= 8 && recv(c, b, 5, 0) == 5);
	CHECK(send(c, "bye", 3, MSG_NOSIGNAL) == 3);
	SHOW("port %d peer %d", ntohs(a.sin_port), ntohs(peer.sin_port));
	reap(p, 0);
	return 0;
}

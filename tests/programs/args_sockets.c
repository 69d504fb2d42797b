/* Socket calls with arguments that the kernel refuses, on sockets of several kinds. */
#include "args.h"

static int sv[2], dg[2], lst, non, file, pp[2];
static char buf[64];

static void transfers(int s, bool full)
{
	struct sockaddr_un a;
	socklen_t len = sizeof(a), neg = -1;
	struct iovec v = {buf, 8}, badv = {BAD_PTR, 8}, neg_v = {buf, (size_t)-1};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1}, w = m;
	int peer = s == sv[0] ? sv[1] : dg[1];
	for (int i = 0; full && i < 40; i++)
		CHECK(send(peer, "12345678", 8, 0) == 8);
	int wait = full ? 0 : MSG_DONTWAIT;
	TRY(recvfrom, s, buf, 8, wait, NULL, NULL);
	TRY(recvfrom, s, buf, 8, wait, NULL, BAD_PTR);
	TRY(recvfrom, s, buf, 8, wait, &a, &neg);
	len = sizeof(a);
	TRY(recvfrom, s, buf, 8, wait, &a, &len);
	TRY(recvfrom, s, buf, 8, wait, BAD_PTR, &len);
	TRY(recvfrom, s, BAD_PTR, 8, wait, NULL, NULL);
	TRY(recvfrom, s, buf, 0, wait, NULL, NULL);
	TRY(recvfrom, s, buf, -1L, wait | MSG_OOB, NULL, NULL);
	TRY(recvfrom, s, buf, 8, wait | MSG_ERRQUEUE, NULL, NULL);
	TRY(recvfrom, s, buf, 8, wait | 1L << 32, NULL, NULL);
	TRY(recvfrom, file, buf, 8, wait, NULL, NULL);
	TRY(recvfrom, BAD_FD, buf, 8, wait, NULL, NULL);
	TRY(recvmsg, s, &m, wait);
	TRY(recvmsg, s, BAD_PTR, wait);
	TRY(recvmsg, s, NULL, wait);
	w.msg_iovlen = -1;
	TRY(recvmsg, s, &w, wait);
	w.msg_iovlen = 1025;
	TRY(recvmsg, s, &w, wait);
	w.msg_iovlen = 0;
	TRY(recvmsg, s, &w, wait);
	w = m;
	w.msg_iov = &badv;
	TRY(recvmsg, s, &w, wait);
	w.msg_iov = &neg_v;
	TRY(recvmsg, s, &w, wait);
	w = m;
	w.msg_namelen = -1;
	TRY(recvmsg, s, &w, wait);
	w.msg_name = &a;
	TRY(recvmsg, s, &w, wait);
	w = m;
	w.msg_controllen = 100;
	TRY(recvmsg, s, &w, wait);
	w.msg_control = BAD_PTR;
	TRY(recvmsg, s, &w, wait);
	TRY(recvmsg, file, &m, wait);
	TRY(read, s, buf, full ? 8 : 0);
	TRY(read, s, buf, 0);
	TRY(write, s, buf, 0);
	TRY(lseek, s, 0, SEEK_SET);
	TRY(pread64, s, buf, 8, 0);
}

static void sends(int s)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "/nonexistent"};
	struct iovec v = {buf, 8}, badv = {BAD_PTR, 8}, neg_v = {buf, (size_t)-1};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1}, w = m;
	TRY(sendto, s, buf, 8, 0, NULL, 0);
	TRY(sendto, s, buf, 8, MSG_OOB, NULL, 0);
	TRY(sendto, s, buf, 8, 1L << 32, NULL, 0);
	TRY(sendto, s, BAD_PTR, 8, 0, NULL, 0);
	TRY(sendto, s, buf, 0, 0, NULL, 0);
	TRY(sendto, s, buf, 8, 0, &a, -1L);
	TRY(sendto, s, buf, 8, 0, &a, 300);
	TRY(sendto, s, buf, 8, 0, &a, 1);
	TRY(sendto, s, buf, 8, 0, &a, sizeof(a));
	TRY(sendto, s, buf, 8, 0, BAD_PTR, 20);
	TRY(sendto, file, buf, 8, 0, NULL, 0);
	TRY(sendto, BAD_FD, buf, 8, 0, NULL, 0);
	TRY(sendmsg, s, &m, 0);
	TRY(sendmsg, s, BAD_PTR, 0);
	w.msg_iovlen = 1025;
	TRY(sendmsg, s, &w, 0);
	w.msg_iovlen = -1;
	TRY(sendmsg, s, &w, 0);
	w.msg_iovlen = 0;
	TRY(sendmsg, s, &w, 0);
	w = m;
	w.msg_iov = &badv;
	TRY(sendmsg, s, &w, 0);
	w.msg_iov = &neg_v;
	TRY(sendmsg, s, &w, 0);
	w = m;
	w.msg_name = &a;
	w.msg_namelen = -1;
	TRY(sendmsg, s, &w, 0);
	w.msg_namelen = 300;
	TRY(sendmsg, s, &w, 0);
	w = m;
	w.msg_control = buf;
	w.msg_controllen = 5;
	TRY(sendmsg, s, &w, 0);
	w.msg_controllen = -1;
	TRY(sendmsg, s, &w, 0);
	w.msg_control = BAD_PTR;
	w.msg_controllen = 32;
	TRY(sendmsg, s, &w, 0);
	TRY(sendmsg, file, &m, 0);
}

static void accepts(int s)
{
	struct sockaddr_un a;
	socklen_t len = sizeof(a), neg = -1;
	TRY(accept, s, NULL, NULL);
	TRY(accept, s, &a, NULL);
	TRY(accept, s, &a, &neg);
	TRY(accept, s, BAD_PTR, &len);
	TRY(accept, s, &a, BAD_PTR);
	TRY(accept4, s, NULL, NULL, 1);
	TRY(accept4, s, NULL, NULL, SOCK_CLOEXEC);
}

static void options(void)
{
	int n, one = 1;
	socklen_t len = sizeof(n), neg = -1, big = 1 << 30;
	struct sockaddr_un a;
	TRY(getsockopt, sv[0], SOL_SOCKET, SO_TYPE, &n, &len);
	TRY(getsockopt, sv[0], SOL_SOCKET, SO_TYPE, &n, &neg);
	TRY(getsockopt, sv[0], SOL_SOCKET, SO_TYPE, &n, &big);
	TRY(getsockopt, sv[0], SOL_SOCKET, SO_TYPE, BAD_PTR, &len);
	TRY(getsockopt, sv[0], SOL_SOCKET, SO_TYPE, &n, BAD_PTR);
	TRY(getsockopt, sv[0], SOL_SOCKET, 999, &n, &len);
	TRY(getsockopt, sv[0], 999, 1, &n, &len);
	TRY(getsockopt, file, SOL_SOCKET, SO_TYPE, &n, &len);
	TRY(setsockopt, sv[0], SOL_SOCKET, SO_SNDBUF, &one, 1);
	TRY(setsockopt, sv[0], SOL_SOCKET, SO_SNDBUF, &one, -1L);
	TRY(setsockopt, sv[0], SOL_SOCKET, SO_SNDBUF, BAD_PTR, 4);
	TRY(setsockopt, sv[0], SOL_SOCKET, 999, &one, 4);
	len = 2;
	TRY(getsockname, sv[0], &a, &len);
	TRY(getsockname, sv[0], &a, &neg);
	TRY(getsockname, sv[0], BAD_PTR, &len);
	TRY(getsockname, sv[0], &a, BAD_PTR);
	TRY(getpeername, lst, &a, &len);
	TRY(getpeername, file, &a, &len);
	TRY(bind, sv[0], BAD_PTR, 10);
	TRY(bind, sv[0], &a, -1L);
	TRY(listen, dg[0], 1);
	TRY(listen, file, 1);
	TRY(shutdown, sv[0], 9);
	TRY(shutdown, file, 0);
	TRY(socket, 99, SOCK_STREAM, 0);
	TRY(socket, AF_UNIX, 99, 0);
	TRY(socket, AF_UNIX, SOCK_STREAM | 0x1000, 0);
	TRY(socketpair, AF_INET, SOCK_STREAM, 0, sv);
	TRY(socketpair, AF_UNIX, SOCK_STREAM, 0, BAD_PTR);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	signal(SIGPIPE, SIG_IGN);
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, sv) && !socketpair(AF_UNIX, SOCK_DGRAM, 0, dg) && !pipe(pp));
	CHECK((file = temp_file()) >= 0);
	CHECK((lst = socket(AF_UNIX, SOCK_STREAM, 0)) >= 0 && (non = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0)) >= 0);
	sa_family_t family = AF_UNIX;
	CHECK(!bind(non, (struct sockaddr *)&family, 2) && !listen(non, 1));
	for (int full = 0; full < 2; full++) {
		printf("--- full: %d\n", full);
		transfers(sv[0], full);
		transfers(dg[0], full);
	}
	sends(sv[1]);
	printf("--- datagrams\n");
	while (recv(dg[0], buf, sizeof(buf), MSG_DONTWAIT) >= 0)
		;
	sends(dg[1]);
	accepts(non);
	accepts(lst);
	accepts(file);
	options();
	close(sv[0]);
	TRY(sendto, sv[1], buf, 8, 0, NULL, 0);
	TRY(write, sv[1], buf, 8);
	TRY(sendto, lst, buf, 8, 0, NULL, 0);
	TRY(recvfrom, lst, buf, 8, 0, NULL, NULL);
	return 0;
}

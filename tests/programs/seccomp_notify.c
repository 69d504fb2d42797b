/* A listener answers calls of a process: with a result, with a descriptor, or by letting them be made; a signal comes
 * in between. It sees the program's addresses. */
#include "filter.h"

#include <sys/ioctl.h>

extern const char made_here[];
static int sock[2];
static volatile int signalled;

static void on_usr1(int sig)
{
	signalled = sig;
}

static void send_fd(int fd)
{
	char c = 0, room[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec v = {&c, 1};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)};
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(h), &fd, sizeof(fd));
	CHECK(sendmsg(sock[1], &m, 0) == 1);
}

static int receive_fd(void)
{
	int fd;
	char c, room[CMSG_SPACE(sizeof(int))];
	struct iovec v = {&c, 1};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)};
	CHECK(recvmsg(sock[0], &m, 0) == 1);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

static void *other(void *arg)
{
	return arg;
}

static void child(void)
{
	char name[65] = "", text[8] = "";
	pthread_t t;
	struct sigaction sa = {.sa_handler = on_usr1, .sa_flags = SA_RESTART};
	sigaction(SIGUSR1, &sa, NULL);
	no_new_privs();
	long fd = INSTALL(SECCOMP_FILTER_FLAG_NEW_LISTENER, LOAD(nr), ON(SYS_getppid, SECCOMP_RET_USER_NOTIF),
			  ON(SYS_openat, SECCOMP_RET_USER_NOTIF), ON(SYS_readlink, SECCOMP_RET_USER_NOTIF),
			  ON(SYS_getpgid, SECCOMP_RET_USER_NOTIF), ANSWER(SECCOMP_RET_ALLOW));
	CHECK(fd >= 0);
	send_fd((int)fd);
	close((int)fd);
	long r;
	__asm__ volatile("syscall\nmade_here:" : "=a"(r) : "a"(SYS_getppid) : "rcx", "r11", "memory");
	CHECK(r == 4321);
	CHECK(syscall(SYS_getppid) == -1 && errno == ENOTUNIQ);
	int got = open("/no/such/file", O_RDONLY);
	CHECK(got >= 0 && read(got, text, 5) == 5 && !strcmp(text, "words"));
	CHECK(syscall(SYS_readlink, "/proc/self/exe", name, 64) > 0 && strstr(name, "seccomp_notify"));
	/* The same with another thread beside it, which sees memory only when the call is over. */
	CHECK(!pthread_create(&t, NULL, other, NULL));
	memset(name, 0, sizeof(name));
	CHECK(syscall(SYS_readlink, "/proc/self/exe", name, 64) > 0 && strstr(name, "seccomp_notify"));
	pthread_join(t, NULL);
	CHECK(syscall(SYS_getpgid, 0) == 17 && signalled == SIGUSR1);
	_exit(0);
}

static struct seccomp_notif n;

static void next(int fd, int nr)
{
	memset(&n, 0, sizeof(n));
	CHECK(!ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &n) && n.data.nr == nr);
	CHECK(!ioctl(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &n.id));
}

static void answer(int fd, int64_t val, int error, unsigned flags)
{
	struct seccomp_notif_resp r = {.id = n.id, .val = val, .error = error, .flags = flags};
	CHECK(!ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &r));
}

int main(void)
{
	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sock));
	pid_t c = fork();
	if (!c)
		child();
	int fd = receive_fd();
	next(fd, SYS_getppid);
	CHECK((int)n.pid == c && n.data.arch == AUDIT_ARCH_X86_64 && n.data.instruction_pointer == (uintptr_t)made_here);
	answer(fd, 4321, 0, 0);
	next(fd, SYS_getppid);
	answer(fd, 0, -ENOTUNIQ, 0);
	next(fd, SYS_openat);
	int file = temp_file();
	CHECK(write(file, "words", 5) == 5 && !lseek(file, 0, SEEK_SET));
	struct seccomp_notif_addfd add = {.id = n.id, .srcfd = (uint32_t)file};
	int put = ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
	CHECK(put >= 0);
	answer(fd, put, 0, 0);
	for (int i = 0; i < 2; i++) {
		next(fd, SYS_readlink);
		answer(fd, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
	}
	/* A signal ends the wait; with SA_RESTART the call is made, and shown, again. */
	next(fd, SYS_getpgid);
	kill(c, SIGUSR1);
	uint64_t id = n.id;
	while (!ioctl(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &id))
		pause_ms(1);
	next(fd, SYS_getpgid);
	answer(fd, 17, 0, 0);
	reap(c, 0);
	return 0;
}

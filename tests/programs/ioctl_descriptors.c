/* ioctls that make descriptors (namespaces, pidfds, a pty's peer, sockets): what they are is known, and
 * forgotten when they are closed and the number is used for something else. */
#include "check.h"

#include <linux/sockios.h>

#define NS_GET_USERNS _IO(0xb7, 1)
#define NS_GET_NSTYPE _IO(0xb7, 3)
#define NS_GET_OWNER_UID _IO(0xb7, 4)
#define PIDFD_GET_UTS_NAMESPACE _IO(0xff, 10)
#define PIDFD_GET_INFO _IOC(_IOC_READ | _IOC_WRITE, 0xff, 11, 64)

static void pty(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), locked = 1;
	char line[16] = "";
	CHECK(master >= 0 && !grantpt(master) && !unlockpt(master));
	int peer = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
	if (peer < 0) {
		SHOW("no TIOCGPTPEER: %d", errno);
		return;
	}
	CHECK(write(master, "hello\n", 6) == 6 && read(peer, line, sizeof(line)) == 6);
	CHECK(!ioctl(master, TIOCGPTLCK, &locked) && !locked);
	close(peer);
	/* The number is a pipe's now, which blocks. */
	int p[2];
	CHECK(!pipe(p) && p[0] == peer && write(p[1], "abc", 3) == 3 && read(p[0], line, 3) == 3);
	SHOW("%.3s", line);
}

static void namespaces(void)
{
	int ns = open("/proc/self/ns/uts", O_RDONLY);
	uid_t uid = 12345;
	CHECK(ns >= 0 && ioctl(ns, NS_GET_NSTYPE) == CLONE_NEWUTS);
	int user = ioctl(ns, NS_GET_USERNS);
	SHOW("user namespace %d", user);
	if (user >= 0) {
		CHECK(!ioctl(user, NS_GET_OWNER_UID, &uid));
		SHOW("owner %u", uid);
		close(user);
	}
	close(ns);
}

static void pidfd(void)
{
	uint64_t info[8] = {1};
	int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (fd < 0) {
		SHOW("no pidfd: %d", errno);
		return;
	}
	int uts = ioctl(fd, PIDFD_GET_UTS_NAMESPACE, 0);
	SHOW("uts namespace %d", uts);
	int r = ioctl(fd, PIDFD_GET_INFO, info);
	CHECK(r || (uint32_t)info[2] == (uint32_t)getpid() || (uint32_t)(info[2] >> 32) == (uint32_t)getpid());
	for (int i = 0; i < 8; i++)
		SHOW("%llx", (unsigned long long)info[i]);
}

int main(void)
{
	pty();
	namespaces();
	pidfd();
	return 0;
}

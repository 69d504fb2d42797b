/* mmap of what is no file fails with the kernel's error; memory that changes by itself (of devices,
 * of sockets) may be refused with ENODEV, and then nothing has been replaced. */
#include "check.h"

#define PAGE 4096ul

static void fails(int fd, int prot, int flags, int want)
{
	void *p = mmap(NULL, PAGE, prot, flags, fd, 0);
	CHECK(p == MAP_FAILED && errno == want);
}

/* Natively mapped, or refused. */
static void device(int fd, int prot, int flags)
{
	char *old = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(old != MAP_FAILED);
	strcpy(old, "old");
	void *p = mmap(old, PAGE, prot, flags | MAP_FIXED, fd, 0);
	CHECK(p == old || (p == MAP_FAILED && errno == ENODEV && !strcmp(old, "old")));
	CHECK(!munmap(old, PAGE));
	p = mmap(NULL, PAGE, prot, flags, fd, 0);
	CHECK(p != MAP_FAILED || errno == ENODEV);
	CHECK(p == MAP_FAILED || !munmap(p, PAGE));
}

int main(void)
{
	int pipes[2], pair[2];
	CHECK(!pipe(pipes) && !socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	fails(pipes[0], PROT_READ, MAP_SHARED, ENODEV);
	fails(pair[0], PROT_READ, MAP_PRIVATE, ENODEV);
	fails(eventfd(0, 0), PROT_READ, MAP_SHARED, ENODEV);
	fails(epoll_create1(0), PROT_READ | PROT_WRITE, MAP_PRIVATE, ENODEV);
	fails(open(".", O_RDONLY), PROT_READ, MAP_PRIVATE, ENODEV);
	fails(open("/dev/null", O_RDWR), PROT_READ, MAP_SHARED, ENODEV);
	fails(open("/dev/null", O_RDONLY), PROT_READ | PROT_WRITE, MAP_SHARED, EACCES);
	fails(socket(AF_INET, SOCK_DGRAM, 0), PROT_READ, MAP_SHARED, ENODEV);
	fails(500, PROT_READ, MAP_SHARED, EBADF);
	int tcp = socket(AF_INET, SOCK_STREAM, 0);
	fails(tcp, PROT_READ | PROT_WRITE, MAP_SHARED, EPERM);
	device(tcp, PROT_READ, MAP_SHARED); /* where TCP_ZEROCOPY_RECEIVE puts pages */
	int zero = open("/dev/zero", O_RDWR);
	for (int i = 0; i < 2; i++) {
		char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, i ? MAP_SHARED : MAP_PRIVATE, zero, 0);
		CHECK(p != MAP_FAILED && p[9] == 0);
		p[9] = 1;
	}
	puts("ok");
	return 0;
}

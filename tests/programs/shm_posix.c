/* build: -lrt */
/* POSIX shared memory. */
#include "check.h"

int main(void)
{
	char name[64];
	snprintf(name, sizeof(name), "/reprise-%d", getpid());
	int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	CHECK(fd >= 0 && !ftruncate(fd, 4096));
	volatile int *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	pid_t c = fork();
	if (!c) {
		int f = shm_open(name, O_RDWR, 0);
		volatile int *q = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
		q[5] = 55;
		_exit(0);
	}
	reap(c, 0);
	CHECK(p[5] == 55);
	shm_unlink(name);
	return 0;
}

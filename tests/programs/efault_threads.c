/* build: -pthread */
/* The same in a process with two threads, whose buffers are redirected. */
#include "check.h"

static void *block(void *p)
{
	pause();
	return p;
}
int main(void)
{
	pthread_t t;
	int fd[2];
	struct timespec ts = {0, 1000000};
	CHECK(!pthread_create(&t, NULL, block, NULL) && !pipe(fd) && write(fd[1], "0123456789", 10) == 10);
	char *ro = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(read(fd[0], ro, 4) == -1 && errno == EFAULT);
	CHECK(read(fd[0], (void *)16, 4) == -1 && errno == EFAULT);
	struct iovec v[2] = {{malloc(4), 4}, {(void *)16, 4}};
	CHECK(readv(fd[0], v, 2) == 4 || errno == EFAULT);
	CHECK(nanosleep(&ts, (void *)16) == 0);
	CHECK(poll((void *)16, 1, 0) == -1 && errno == EFAULT);
	return 0;
}

/* A file that is only mapped privately becomes longer and shorter: SIGBUS behind its end, new content before it; what was
 * stored behind the end is gone. A later shared mapping shows in private ones. */
#include "check.h"

static sigjmp_buf back;

static void on_bus(int sig)
{
	(void)sig;
	siglongjmp(back, 1);
}

/* What is at p, -1: SIGBUS */
static int at(volatile char *p)
{
	return sigsetjmp(back, 1) ? -1 : *p;
}

static void show(char *p)
{
	SHOW("%d %d %d %d %d %d", at(p + 1), at(p + 5000), at(p + 5101), at(p + 9000), at(p + 13000), at(p + 20000));
}

int main(void)
{
	struct sigaction sa = {.sa_handler = on_bus};
	int fd = temp_file();
	char data[16384];
	sigaction(SIGBUS, &sa, NULL);
	memset(data, 'a', sizeof(data));
	CHECK(write(fd, data, 10000) == 10000);
	char *p = mmap(NULL, 32768, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	p[1] = 'x', p[5000] = 'y', p[9000] = 'z';
	show(p);
	CHECK(pwrite(fd, data, 16384, 16384) == 16384);
	show(p);
	CHECK(ftruncate(fd, 5100) == 0);
	show(p);
	char *q = mmap(NULL, 32768, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	q[3] = 'q';
	CHECK(pwrite(fd, data, 16384, 3000) == 16384);
	show(p);
	show(q);
	pid_t pid = fork();
	if (!pid) {
		p[9000] = 'c';
		CHECK(ftruncate(fd, 0) == 0);
		_exit(at(p + 9000) != -1);
	}
	reap(pid, 0);
	show(p);
	char *m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(ftruncate(fd, 9000) == 0);
	m[5] = 'S';
	SHOW("%d %d %d", at(q + 5), at(p + 5), at(m + 5));
	CHECK(write(fd, q + 20000, 10) == -1 && errno == EFAULT);
	return 0;
}

/* A process with two threads maps a file that another one has mapped, and its threads take
 * turns soon after. */
/* build: -pthread */
#include "check.h"

#include <pthread.h>
#include <sched.h>

static int wake[2];

static void make_calls(int n)
{
	cpu_set_t set;
	while (n--) {
		CHECK(getpid() > 0 && getppid() > 0 && getuid() + 1 > 0);
		CHECK(!sched_getaffinity(0, sizeof(set), &set));
	}
}

static volatile int *map(int fd)
{
	void *m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(m != MAP_FAILED);
	return m;
}

/* It counts in the file, or sleeps, until the other says that it is enough. */
static void wait_there(int fd, int tell, bool sleep)
{
	volatile int *m = map(fd);
	CHECK(write(tell, "x", 1) == 1);
	while (!m[1]) {
		m[0]++;
		CHECK(getpid() > 0 && (!sleep || !usleep(50000)));
	}
	_exit(0);
}

static void *second(void *arg)
{
	CHECK(!usleep(5000)); /* main reads, by now */
	volatile int *m = map(*(int *)arg);
	int seen = m[0];
	CHECK(write(wake[1], "x", 1) == 1); /* main comes back in the middle of the calls */
	make_calls(600);
	CHECK(m[0] >= seen);
	m[1] = 1;
	return arg;
}

static void join(int fd)
{
	pthread_t t;
	char c;
	usleep(20000); /* the other process sleeps, by now */
	CHECK(!pipe(wake) && !pthread_create(&t, NULL, second, &fd));
	CHECK(read(wake[0], &c, 1) == 1);
	make_calls(3);
	CHECK(!pthread_join(t, NULL));
	_exit(0);
}

int main(void)
{
	for (int i = 0; i < 6; i++) {
		int fd = temp_file(), told[2];
		char c;
		CHECK(!ftruncate(fd, 4096) && !pipe(told));
		pid_t a = fork();
		if (!a)
			wait_there(fd, told[1], i & 1);
		CHECK(read(told[0], &c, 1) == 1);
		pid_t b = fork();
		if (!b)
			join(fd);
		reap(b, 0);
		reap(a, 0);
		close(told[0]);
		close(told[1]);
		close(fd);
	}
	return 0;
}

/* build: -lpthread */
/* A thread maps memory without a stop and at once reads into it with a call that blocks:
 * others, which run meanwhile, must not see what arrives before the call has ended. */
#include "check.h"

static int pipes[2];
static volatile long spins;
static volatile int done;

static void *other(void *arg)
{
	(void)arg;
	while (!done) {
		spins++;
		sched_yield();
	}
	return NULL;
}
int main(void)
{
	pthread_t t;
	const size_t size = 400000;
	long sum = 0;
	CHECK(!pipe(pipes));
	pthread_create(&t, NULL, other, NULL);
	for (int i = 0; i < 30; i++) {
		pid_t pid = fork();
		if (!pid) {
			pause_ms(1);
			char *data = malloc(size);
			memset(data, i + 1, size);
			for (size_t n = 0; n < size;)
				n += (size_t)write(pipes[1], data + n, size - n);
			_exit(0);
		}
		char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		for (size_t n = 0; n < size;)
			n += (size_t)read(pipes[0], p + n, size - n);
		sum += p[size - 1];
		reap(pid, 0);
		munmap(p, size);
	}
	done = 1;
	pthread_join(t, NULL);
	SHOW("%ld", sum);
	return 0;
}

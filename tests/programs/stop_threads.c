/* build: -pthread */
/* Job control stops a process whose threads compute, in memory that another process looks at: none of them
 * goes on until it is continued. */
#include "check.h"

static volatile long *n; /* shared: rounds of two threads, and whether to end */

static void *compute(void *p)
{
	while (!n[2])
		++*(volatile long *)p;
	return NULL;
}

static void child(void)
{
	pthread_t t;
	CHECK(!pthread_create(&t, NULL, compute, (void *)&n[0]));
	compute((void *)&n[1]);
	pthread_join(t, NULL);
	_exit(5);
}

int main(void)
{
	int st;
	n = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid = fork();
	if (!pid)
		child();
	for (int i = 0; i < 5; i++) {
		while (!n[0] || !n[1])
			pause_ms(1);
		kill(pid, SIGSTOP);
		CHECK(waitpid(pid, &st, WUNTRACED) == pid && WIFSTOPPED(st) && WSTOPSIG(st) == SIGSTOP);
		long a = n[0], b = n[1];
		pause_ms(30);
		CHECK(n[0] == a && n[1] == b);
		SHOW("%ld %ld", a, b);
		n[0] = n[1] = 0;
		kill(pid, SIGCONT);
	}
	n[2] = 1;
	reap(pid, 5);
	return 0;
}

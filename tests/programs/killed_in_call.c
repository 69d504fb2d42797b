/* build: -lpthread */
/* A process that sends SIGKILL to itself: what it wrote between its last call before and that call
 * is in memory that it shares with its parent. */
#include "check.h"

static volatile int *shared;

static void *kills(void *arg)
{
	pid_t me = getpid();
	shared[0]++;
	syscall(SYS_tgkill, me, me, SIGKILL);
	return arg;
}
int main(void)
{
	int st;
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < 10; i++) {
		pid_t pid = fork();
		if (!pid && i % 2)
			kills(NULL);
		if (!pid) {
			pthread_t t;
			pthread_create(&t, NULL, kills, NULL);
			for (;;)
				shared[1] += getppid();
		}
		CHECK(waitpid(pid, &st, 0) == pid && WIFSIGNALED(st) && WTERMSIG(st) == SIGKILL);
		CHECK(shared[0] == i + 1);
	}
	printf("killed %d times\n", shared[0]);
	return 0;
}

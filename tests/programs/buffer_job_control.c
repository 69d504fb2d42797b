/* build: -lpthread */
/* A process with threads is stopped and continued again and again while they make calls
 * without stops: wherever it was, it goes on as if nothing had been. */
#include "check.h"

static volatile int stop;
static volatile long counts[3];

static void *work(void *arg)
{
	long me = (long)arg;
	char buf[64];
	int fd = open("/dev/zero", O_RDONLY);
	while (!stop) {
		memset(buf, 1, sizeof(buf));
		CHECK(read(fd, buf, sizeof(buf)) == sizeof(buf) && !buf[63]);
		counts[me]++;
		if (counts[me] % 64 == 0)
			sched_yield();
	}
	close(fd);
	return NULL;
}
static void on(int sig)
{
	stop = sig;
}
int main(void)
{
	int st;
	signal(SIGTERM, on);
	for (int threads = 1; threads <= 3; threads += 2) {
		pid_t pid = fork();
		if (!pid) {
			pthread_t t[3];
			for (long i = 0; i < threads; i++)
				pthread_create(&t[i], NULL, work, (void *)i);
			for (long i = 0; i < threads; i++)
				pthread_join(t[i], NULL);
			SHOW("%d %ld %ld %ld", threads, counts[0], counts[1], counts[2]);
			_exit(stop == SIGTERM ? 5 : 1);
		}
		pause_ms(20);
		for (int i = 0; i < 20; i++) {
			kill(pid, SIGSTOP);
			CHECK(waitpid(pid, &st, WUNTRACED) == pid && WIFSTOPPED(st));
			kill(pid, SIGCONT);
			CHECK(waitpid(pid, &st, WCONTINUED) == pid && WIFCONTINUED(st));
			pause_ms(1);
		}
		kill(pid, SIGTERM);
		reap(pid, 5);
	}
	return 0;
}

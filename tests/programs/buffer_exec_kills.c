/* build: -lpthread */
/* exec ends threads wherever they are, also while the recorder makes calls in them. */
#include "check.h"

static void *busy(void *arg)
{
	int p[2];
	char buf[200];
	(void)arg;
	for (;;) {
		pipe(p);
		struct pollfd f = {p[0], POLLIN, 0};
		poll(&f, 1, 0); /* a new thread's first calls that may block get scratch memory */
		write(p[1], "x", 1);
		read(p[0], buf, sizeof(buf));
		struct timespec ts = {0, 1000};
		nanosleep(&ts, NULL);
		close(p[0]);
		close(p[1]);
	}
	return NULL;
}
int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 0;
	char next[16];
	pthread_t t;
	if (n == 60) {
		SHOW("done");
		return 0;
	}
	for (int i = 0; i < 4; i++)
		pthread_create(&t, NULL, busy, NULL);
	for (int i = 0; i < n % 7; i++)
		sched_yield();
	snprintf(next, sizeof(next), "%d", n + 1);
	execl("/proc/self/exe", argv[0], next, NULL);
	return 1;
}

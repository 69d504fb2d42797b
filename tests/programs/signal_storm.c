/* Signals from another process during a loop of calls. */
#include "check.h"

static volatile int got;
static void on(int sig)
{
	(void)sig;
	got++;
}
int main(void)
{
	struct sigaction sa = {.sa_handler = on, .sa_flags = SA_RESTART};
	sigaction(SIGUSR1, &sa, NULL);
	pid_t me = getpid(), p = fork();
	if (!p) {
		for (int i = 0; i < 300; i++) {
			kill(me, SIGUSR1);
			sched_yield();
		}
		_exit(0);
	}
	int fd = open("/dev/zero", O_RDONLY), st;
	char b[64];
	long n = 0;
	while (waitpid(p, &st, WNOHANG) == 0) {
		CHECK(read(fd, b, sizeof(b)) == sizeof(b));
		n++;
	}
	SHOW("%d signals, %ld reads", got, n);
	return 0;
}

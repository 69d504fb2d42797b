/* sigsuspend with a mask of its own. */
#include "check.h"

static volatile int got;
static void on(int sig)
{
	got = sig;
}
int main(void)
{
	sigset_t block, old;
	signal(SIGUSR1, on);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigprocmask(SIG_BLOCK, &block, &old);
	pid_t me = getpid(), p = fork();
	if (!p) {
		pause_ms(10);
		kill(me, SIGUSR1);
		_exit(0);
	}
	CHECK(sigsuspend(&old) == -1 && errno == EINTR && got == SIGUSR1);
	sigset_t now;
	sigprocmask(SIG_BLOCK, NULL, &now);
	CHECK(sigismember(&now, SIGUSR1));
	waitpid(p, NULL, 0);
	return 0;
}

/* SA_RESTART restarts a read; without it, EINTR. */
#include "check.h"

static volatile int got;
static void on(int sig)
{
	got = sig;
}
static void try(int flags)
{
	int fd[2], want = flags ? 1 : -1;
	CHECK(!pipe(fd));
	struct sigaction sa = {.sa_handler = on, .sa_flags = flags};
	sigaction(SIGALRM, &sa, NULL);
	got = 0;
	pid_t me = getpid(), p = fork();
	if (!p) {
		wait_sleeping(me);
		kill(me, SIGALRM);
		wait_sleeping(me);
		CHECK(write(fd[1], "x", 1) == 1);
		_exit(0);
	}
	char c = 0;
	ssize_t r = read(fd[0], &c, 1);
	CHECK(got == SIGALRM && r == want);
	CHECK(flags || errno == EINTR);
	waitpid(p, NULL, 0);
}
int main(void)
{
	try(SA_RESTART);
	try(0);
	return 0;
}

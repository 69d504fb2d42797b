/* SIGPIPE handled. */
#include "check.h"

static volatile int got;
static void on(int sig)
{
	got = sig;
}
int main(void)
{
	int fd[2];
	signal(SIGPIPE, on);
	CHECK(!pipe(fd));
	close(fd[0]);
	CHECK(write(fd[1], "x", 1) == -1 && errno == EPIPE && got == SIGPIPE);
	return 0;
}

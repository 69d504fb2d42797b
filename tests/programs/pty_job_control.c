/* A shell-like use of a pseudo terminal. */
#include "check.h"

#include <pty.h>
int main(void)
{
	int master;
	pid_t p = forkpty(&master, NULL, NULL, NULL);
	CHECK(p >= 0);
	if (!p) {
		char line[64];
		CHECK(isatty(0) && tcgetpgrp(0) == getpgrp());
		CHECK(fgets(line, sizeof(line), stdin));
		printf("got %s", line);
		fflush(stdout);
		pause();
		_exit(0);
	}
	CHECK(write(master, "word\n", 5) == 5);
	char buf[256];
	size_t n = 0;
	while (n < sizeof(buf) - 1 && !memmem(buf, n, "got word", 8)) {
		ssize_t r = read(master, buf + n, sizeof(buf) - 1 - n);
		CHECK(r > 0);
		n += (size_t)r;
	}
	CHECK(write(master, "\003", 1) == 1); /* ^C */
	int st;
	CHECK(waitpid(p, &st, 0) == p && WIFSIGNALED(st) && WTERMSIG(st) == SIGINT);
	return 0;
}

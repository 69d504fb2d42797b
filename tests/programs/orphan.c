/* A grandchild outlives its parent. */
#include "check.h"

int main(void)
{
	int fd[2];
	CHECK(!pipe(fd));
	pid_t p = fork();
	if (!p) {
		if (!fork()) {
			pause_ms(30);
			SHOW("orphan runs");
			CHECK(write(fd[1], "x", 1) == 1);
		}
		_exit(0);
	}
	reap(p, 0);
	close(fd[1]);
	char c;
	CHECK(read(fd[0], &c, 1) == 1);
	return 0;
}

/* Pipes: data, end of file, EPIPE, FIONREAD. */
#include "check.h"

int main(void)
{
	int fd[2], n = 0;
	char b[16];
	signal(SIGPIPE, SIG_IGN);
	CHECK(!pipe2(fd, O_CLOEXEC));
	CHECK(write(fd[1], "hello", 5) == 5 && !ioctl(fd[0], FIONREAD, &n) && n == 5);
	CHECK(read(fd[0], b, 16) == 5);
	close(fd[1]);
	CHECK(read(fd[0], b, 16) == 0);
	CHECK(!pipe(fd));
	close(fd[0]);
	CHECK(write(fd[1], "x", 1) == -1 && errno == EPIPE);
	return 0;
}

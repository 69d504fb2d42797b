/* A megabyte through a pipe between processes. */
#include "check.h"

int main(void)
{
	int fd[2];
	CHECK(!pipe(fd));
	pid_t p = fork();
	if (!p) {
		static char buf[1 << 20];
		for (size_t i = 0; i < sizeof(buf); i++)
			buf[i] = (char)(i * 7);
		for (size_t at = 0; at < sizeof(buf);)
			at += (size_t)write(fd[1], buf + at, sizeof(buf) - at);
		_exit(0);
	}
	close(fd[1]);
	static char in[70000];
	size_t n = 0;
	unsigned sum = 0;
	ssize_t r;
	while ((r = read(fd[0], in, sizeof(in))) > 0) {
		for (ssize_t i = 0; i < r; i++)
			sum = sum * 31 + (unsigned char)in[i];
		n += (size_t)r;
	}
	reap(p, 0);
	CHECK(n == 1 << 20);
	SHOW("%u", sum);
	return 0;
}

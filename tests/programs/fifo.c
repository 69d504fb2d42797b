/* A named pipe between processes. */
#include "check.h"

int main(void)
{
	char name[64], b[8];
	snprintf(name, sizeof(name), "/tmp/reprise-fifo-%d", getpid());
	CHECK(!mkfifo(name, 0600));
	pid_t p = fork();
	if (!p) {
		int fd = open(name, O_WRONLY);
		_exit(write(fd, "fifo", 4) == 4 ? 0 : 1);
	}
	int fd = open(name, O_RDONLY);
	CHECK(read(fd, b, 8) == 4);
	reap(p, 0);
	unlink(name);
	return 0;
}

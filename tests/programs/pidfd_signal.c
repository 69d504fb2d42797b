/* pidfd_open, pidfd_send_signal, pidfd_getfd. */
#include "check.h"

int main(void)
{
	pid_t p = fork();
	if (!p)
		for (;;)
			pause();
	int fd = (int)syscall(SYS_pidfd_open, p, 0);
	CHECK(fd >= 0);
	int g = (int)syscall(SYS_pidfd_getfd, fd, 1, 0);
	CHECK(g >= 0 || errno == EPERM);
	CHECK(!syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0));
	int st;
	CHECK(waitpid(p, &st, 0) == p && WTERMSIG(st) == SIGKILL);
	return 0;
}

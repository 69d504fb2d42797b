#include "task/fdpath.h"

#include <stdio.h>
#include <unistd.h>

bool fd_path(pid_t tid, int fd, char *out, size_t size)
{
	char link[64];
	if (fd == FD_CWD)
		snprintf(link, sizeof(link), "/proc/%d/cwd", tid);
	else
		snprintf(link, sizeof(link), "/proc/%d/fd/%d", tid, fd);
	ssize_t n = readlink(link, out, size - 1);
	if (n < 0)
		return false;
	out[n] = 0;
	return true;
}

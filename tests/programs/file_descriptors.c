/* dup, dup2, dup3, close_range, fcntl flags. */
#include "check.h"

int main(void)
{
	int fd = temp_file(), e = dup(fd);
	CHECK(e > fd && dup2(fd, 50) == 50 && dup3(fd, 51, O_CLOEXEC) == 51);
	CHECK(fcntl(51, F_GETFD) == FD_CLOEXEC && fcntl(fd, F_DUPFD_CLOEXEC, 60) >= 60);
	CHECK(!fcntl(fd, F_SETFL, O_APPEND) && fcntl(fd, F_GETFL) & O_APPEND);
	CHECK(!syscall(SYS_close_range, 50, 100, 0) && fcntl(50, F_GETFD) == -1);
	return 0;
}

/* Bad pointers in many places give EFAULT. */
#include "check.h"

int main(void)
{
	void *bad = (void *)16;
	int fd = open("/dev/zero", O_RDONLY);
	CHECK(read(fd, bad, 10) == -1 && errno == EFAULT);
	CHECK(open(bad, O_RDONLY) == -1 && errno == EFAULT);
	CHECK(syscall(SYS_stat, "/", bad) == -1 && errno == EFAULT);
	CHECK(syscall(SYS_pipe, bad) == -1 && errno == EFAULT);
	CHECK(syscall(SYS_clock_gettime, CLOCK_REALTIME, bad) == -1 && errno == EFAULT);
	CHECK(syscall(SYS_rt_sigprocmask, SIG_BLOCK, bad, NULL, 8) == -1 && errno == EFAULT);
	CHECK(writev(fd, bad, 2) == -1);
	CHECK(syscall(SYS_nanosleep, bad, NULL) == -1 && errno == EFAULT);
	CHECK(poll(bad, 1, 0) == -1 && errno == EFAULT);
	char *ro = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(read(fd, ro, 10) == -1 && errno == EFAULT);
	char *edge = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(edge + 4096, 4096);
	CHECK(read(fd, edge + 4000, 200) == 96);
	return 0;
}

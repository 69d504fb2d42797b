/* natively: not run, a kernel may know these calls */
/* What cannot be recorded fails as on a kernel without it. */
#include "check.h"

#include <sys/ptrace.h>
int main(void)
{
	long args[16] = {0};
	CHECK(syscall(SYS_io_uring_setup, 8, args) == -1 && errno == ENOSYS);
	CHECK(syscall(SYS_userfaultfd, 0) == -1 && errno == ENOSYS);
	CHECK(syscall(SYS_perf_event_open, args, 0, -1, -1, 0) == -1 && errno == EPERM);
	CHECK(syscall(SYS_bpf, 0, args, 64) == -1 && errno == EPERM);
	CHECK(ptrace(PTRACE_SECCOMP_GET_FILTER, getppid(), 0, 0) == -1 && errno == EPERM);
	CHECK(syscall(600) == -1 && errno == ENOSYS);
	return 0;
}

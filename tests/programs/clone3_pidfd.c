/* clone3 with a pidfd; poll and waitid on it. */
#include "check.h"

#include <linux/sched.h>
#ifndef P_PIDFD
#define P_PIDFD 3
#endif
int main(void)
{
	int pidfd = -1;
	struct clone_args a = {.flags = CLONE_PIDFD, .pidfd = (uint64_t)&pidfd, .exit_signal = SIGCHLD};
	pid_t p = (pid_t)syscall(SYS_clone3, &a, sizeof(a));
	if (!p) {
		pause_ms(10);
		_exit(6);
	}
	CHECK(pidfd >= 0);
	struct pollfd f = {pidfd, POLLIN, 0};
	CHECK(poll(&f, 1, -1) == 1);
	siginfo_t si;
	CHECK(!waitid((idtype_t)P_PIDFD, (id_t)pidfd, &si, WEXITED) && si.si_status == 6);
	return 0;
}

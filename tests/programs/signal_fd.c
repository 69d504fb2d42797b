/* signalfd. */
#include "check.h"

int main(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	int fd = signalfd(-1, &set, SFD_CLOEXEC);
	sigqueue(getpid(), SIGUSR2, (union sigval){.sival_int = 77});
	struct signalfd_siginfo si;
	CHECK(read(fd, &si, sizeof(si)) == sizeof(si));
	CHECK(si.ssi_signo == SIGUSR2 && si.ssi_int == 77);
	SHOW("pid %u", si.ssi_pid);
	return 0;
}

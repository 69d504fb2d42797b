/* sigwaitinfo and sigtimedwait. */
#include "check.h"

int main(void)
{
	sigset_t set;
	siginfo_t si;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	struct timespec ts = {0, 5000000};
	CHECK(sigtimedwait(&set, &si, &ts) == -1 && errno == EAGAIN);
	kill(getpid(), SIGUSR1);
	CHECK(sigwaitinfo(&set, &si) == SIGUSR1 && si.si_pid == getpid());
	return 0;
}

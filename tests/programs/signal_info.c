/* siginfo: sender, value, code. */
#include "check.h"

static siginfo_t last;
static void on(int sig, siginfo_t *si, void *uc)
{
	(void)sig, (void)uc;
	last = *si;
}
int main(void)
{
	struct sigaction sa = {.sa_sigaction = on, .sa_flags = SA_SIGINFO};
	sigaction(SIGUSR2, &sa, NULL);
	union sigval v = {.sival_int = 1234};
	CHECK(!sigqueue(getpid(), SIGUSR2, v));
	CHECK(last.si_code == SI_QUEUE && last.si_value.sival_int == 1234 && last.si_pid == getpid());
	SHOW("from %d", last.si_pid);
	return 0;
}

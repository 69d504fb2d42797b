/* Queued realtime signals arrive in order, all of them. */
#include "check.h"

static int seen[64], n;
static void on(int sig, siginfo_t *si, void *uc)
{
	(void)uc;
	seen[n++] = sig * 1000 + si->si_value.sival_int;
}
int main(void)
{
	sigset_t set, old;
	struct sigaction sa = {.sa_sigaction = on, .sa_flags = SA_SIGINFO};
	sigfillset(&sa.sa_mask);
	sigemptyset(&set);
	for (int i = 0; i < 3; i++) {
		sigaction(SIGRTMIN + i, &sa, NULL);
		sigaddset(&set, SIGRTMIN + i);
	}
	sigprocmask(SIG_BLOCK, &set, &old);
	for (int i = 0; i < 15; i++)
		sigqueue(getpid(), SIGRTMIN + 2 - i % 3, (union sigval){.sival_int = i});
	sigprocmask(SIG_SETMASK, &old, NULL);
	CHECK(n == 15);
	for (int i = 1; i < n; i++)
		CHECK(seen[i] > seen[i - 1]);
	for (int i = 0; i < n; i++)
		SHOW("%d", seen[i]);
	return 0;
}

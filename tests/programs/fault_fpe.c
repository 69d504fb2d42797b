/* SIGFPE from an integer division. */
#include "check.h"

static sigjmp_buf out;
static void on(int sig, siginfo_t *si, void *uc)
{
	(void)uc;
	siglongjmp(out, sig * 100 + si->si_code);
}
int main(void)
{
	struct sigaction sa = {.sa_sigaction = on, .sa_flags = SA_SIGINFO};
	sigaction(SIGFPE, &sa, NULL);
	volatile int zero = 0, r = sigsetjmp(out, 1);
	if (!r)
		return 1 / zero;
	CHECK(r == SIGFPE * 100 + FPE_INTDIV);
	return 0;
}

/* Trapping instructions while their signals are blocked, ignored or handled leave all that alone. */
#include "check.h"

#include <cpuid.h>
#include <x86intrin.h>
static volatile int got;
static void on(int sig)
{
	got = sig;
}
static void use(void)
{
	unsigned a, b, c, d;
	CHECK(__rdtsc() > 0);
	__cpuid(0, a, b, c, d);
	CHECK(a > 0 && (b | c | d));
}
int main(int argc, char **argv)
{
	sigset_t all, now;
	struct sigaction sa;
	const int sigs[] = {SIGSEGV, SIGTRAP};
	if (argc > 1) { /* a program started with everything blocked */
		use();
		sigprocmask(SIG_BLOCK, NULL, &now);
		CHECK(sigismember(&now, SIGSEGV) && sigismember(&now, SIGTRAP) && sigismember(&now, SIGUSR1));
		return 0;
	}
	for (int i = 0; i < 2; i++) {
		signal(sigs[i], SIG_IGN);
		use();
		CHECK(!sigaction(sigs[i], NULL, &sa) && sa.sa_handler == SIG_IGN);
		signal(sigs[i], on);
	}
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	use();
	CHECK(!sigprocmask(SIG_BLOCK, NULL, &now) && sigismember(&now, SIGSEGV) && sigismember(&now, SIGTRAP));
	for (int i = 0; i < 2; i++)
		CHECK(!sigaction(sigs[i], NULL, &sa) && sa.sa_handler == on);
	raise(SIGUSR1); /* stays pending across exec */
	CHECK(!got);
	execl("/proc/self/exe", argv[0], "again", NULL);
	return 1;
}

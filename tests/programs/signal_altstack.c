/* A handler on an alternate stack, for a stack overflow. */
#include "check.h"

static char alt[65536];
static sigjmp_buf out;
static volatile int depth;
static void on(int sig)
{
	char here;
	CHECK(sig == SIGSEGV && &here >= alt && &here < alt + sizeof(alt));
	siglongjmp(out, 1);
}
static int recurse(int n)
{
	volatile char big[4096];
	big[0] = (char)n;
	depth = n;
	return recurse(n + 1) + big[0];
}
int main(void)
{
	struct rlimit lim = {1 << 20, 1 << 20};
	setrlimit(RLIMIT_STACK, &lim);
	stack_t ss = {.ss_sp = alt, .ss_size = sizeof(alt)};
	struct sigaction sa = {.sa_handler = on, .sa_flags = SA_ONSTACK};
	CHECK(!sigaltstack(&ss, NULL) && !sigaction(SIGSEGV, &sa, NULL));
	if (!sigsetjmp(out, 1))
		recurse(0);
	SHOW("overflow at depth %d", depth);
	return 0;
}

/* A handler changes the interrupted registers. */
#include "check.h"

static void skip(int sig, siginfo_t *si, void *p)
{
	(void)sig, (void)si;
	ucontext_t *uc = p;
	uc->uc_mcontext.gregs[REG_RIP] += 2;	/* over the ud2 */
	uc->uc_mcontext.gregs[REG_RAX] = 0x1234;
}
int main(void)
{
	struct sigaction sa = {.sa_sigaction = skip, .sa_flags = SA_SIGINFO};
	sigaction(SIGILL, &sa, NULL);
	long v;
	__asm__ volatile("xor %%eax, %%eax\n ud2" : "=a"(v));
	CHECK(v == 0x1234);
	return 0;
}

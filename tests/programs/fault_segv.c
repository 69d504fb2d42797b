/* SIGSEGV handled: address and code. */
#include "check.h"

static sigjmp_buf out;
static void *addr;
static int code;
static void on(int sig, siginfo_t *si, void *uc)
{
	(void)sig, (void)uc;
	addr = si->si_addr;
	code = si->si_code;
	siglongjmp(out, 1);
}
int main(void)
{
	struct sigaction sa = {.sa_sigaction = on, .sa_flags = SA_SIGINFO};
	sigaction(SIGSEGV, &sa, NULL);
	char *p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!sigsetjmp(out, 1))
		p[100] = 1;
	CHECK(addr == p + 100 && code == SEGV_ACCERR);
	munmap(p, 4096);
	if (!sigsetjmp(out, 1))
		p[200] = 1;
	CHECK(addr == p + 200 && code == SEGV_MAPERR);
	return 0;
}

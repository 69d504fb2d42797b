/* mprotect that runs into a hole changes what comes before it. */
#include "check.h"

static sigjmp_buf out;
static void on(int sig)
{
	siglongjmp(out, sig);
}
int main(void)
{
	signal(SIGSEGV, on);
	char *p = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(p + 4096, 4096);
	CHECK(mprotect(p, 3 * 4096, PROT_READ) == -1 && errno == ENOMEM);
	if (!sigsetjmp(out, 1)) {
		p[0] = 1;
		return 1;
	}
	p[8192] = 1;
	return 0;
}

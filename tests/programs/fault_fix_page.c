/* A SIGSEGV handler makes the page accessible and returns. */
#include "check.h"

static char *page;
static int faults;
static void on(int sig)
{
	(void)sig;
	faults++;
	mprotect(page, 4096, PROT_READ | PROT_WRITE);
}
int main(void)
{
	signal(SIGSEGV, on);
	page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < 50; i++) {
		page[i] = (char)i;
		mprotect(page, 4096, PROT_NONE);
	}
	CHECK(faults == 50);
	return 0;
}

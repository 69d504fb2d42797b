/* MADV_DONTFORK and MADV_WIPEONFORK. */
#include "check.h"

int main(void)
{
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	p[0] = p[4096] = 9;
	CHECK(!madvise(p + 4096, 4096, MADV_WIPEONFORK));
	pid_t c = fork();
	if (!c)
		_exit(p[0] == 9 && p[4096] == 0 ? 0 : 1);
	reap(c, 0);
	CHECK(p[4096] == 9);
	return 0;
}

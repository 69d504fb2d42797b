/* MADV_DONTNEED empties memory; MADV_FREE is harmless. */
#include "check.h"

int main(void)
{
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	p[0] = p[4096] = 9;
	CHECK(!madvise(p, 4096, MADV_DONTNEED));
	CHECK(p[0] == 0 && p[4096] == 9);
	CHECK(!madvise(p + 4096, 4096, MADV_FREE));
	SHOW("%d", p[4096]);
	return 0;
}

/* Anonymous private memory: map, use, split, unmap. */
#include "check.h"

int main(void)
{
	char *p = mmap(NULL, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < 16; i++)
		p[i * 4096] = (char)i;
	CHECK(!munmap(p + 4 * 4096, 4 * 4096));
	CHECK(p[3 * 4096] == 3 && p[8 * 4096] == 8);
	SHOW("%p", (void *)p);
	return 0;
}

/* MAP_GROWSDOWN memory grows when it is touched below. */
#include "check.h"

int main(void)
{
	char *area = mmap(NULL, 4 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(area, 4 << 20);
	char *p = mmap(area + (3 << 20), 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
	CHECK(p != MAP_FAILED);
	for (int i = 0; i < 32; i++)
		p[-4096 * i] = (char)i;
	CHECK(p[-4096 * 31] == 31);
	return 0;
}

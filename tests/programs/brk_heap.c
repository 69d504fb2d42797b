/* brk up and down. */
#include "check.h"

int main(void)
{
	char *a = sbrk(0);
	CHECK(sbrk(100000) == a);
	a[99999] = 5;
	CHECK(sbrk(-50000) == a + 100000);
	CHECK(sbrk(50000) == a + 50000);
	SHOW("%p %d", (void *)a, a[1]);
	char *m = malloc(1 << 20);
	memset(m, 1, 1 << 20);
	free(m);
	return 0;
}

/* Deep recursion grows the stack, and a read far below it too. */
#include "check.h"

static int deep(int n)
{
	volatile char b[2000];
	b[0] = (char)n;
	return n ? deep(n - 1) + b[0] - b[0] : 1;
}
__attribute__((noinline)) static long big(int fd)
{
	char b[600000];
	return read(fd, b, sizeof(b)) + b[599999];
}
int main(void)
{
	int fd = open("/dev/zero", O_RDONLY);
	CHECK(big(fd) == 600000);
	CHECK(deep(2000) == 1);
	return 0;
}

/* A program writes its own memory through /proc/self/mem, code too. */
#include "check.h"

static int value = 1;
__attribute__((noinline)) static int seven(void)
{
	return 7;
}
int main(void)
{
	int fd = open("/proc/self/mem", O_RDWR), n = 42;
	CHECK(fd >= 0 && pwrite(fd, &n, 4, (off_t)(uintptr_t)&value) == 4);
	CHECK(*(volatile int *)&value == 42);
	unsigned char code[] = {0xb8, 9, 0, 0, 0, 0xc3};
	CHECK(pwrite(fd, code, sizeof(code), (off_t)(uintptr_t)seven) == sizeof(code));
	int (*volatile f)(void) = seven;
	CHECK(f() == 9);
	return 0;
}

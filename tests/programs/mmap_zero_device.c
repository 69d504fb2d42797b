/* /dev/zero, private and shared. */
#include "check.h"

int main(void)
{
	int fd = open("/dev/zero", O_RDWR);
	char *a = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	char *b = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	a[0] = 1, b[0] = 2;
	CHECK(a[0] + b[0] == 3);
	return 0;
}

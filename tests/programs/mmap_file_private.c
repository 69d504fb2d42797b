/* A private file mapping; stores do not reach the file. */
#include "check.h"

int main(void)
{
	int fd = temp_file();
	CHECK(write(fd, "hello", 5) == 5);
	char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	CHECK(!memcmp(p, "hello", 6));
	p[0] = 'j';
	char c;
	CHECK(pread(fd, &c, 1, 0) == 1 && c == 'h');
	return 0;
}

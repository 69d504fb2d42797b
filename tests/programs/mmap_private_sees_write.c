/* A private mapping shows what is written to the file later. */
#include "check.h"

int main(void)
{
	int fd = temp_file();
	CHECK(write(fd, "old", 3) == 3);
	volatile char *p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	CHECK(p[0] == 'o');
	CHECK(pwrite(fd, "new", 3, 0) == 3);
	SHOW("%c%c%c", p[0], p[1], p[2]);
	return 0;
}

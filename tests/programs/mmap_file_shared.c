/* Stores to a shared file mapping reach the file, and writes the mapping. */
#include "check.h"

int main(void)
{
	int fd = temp_file();
	CHECK(!ftruncate(fd, 8192));
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), b[8] = "";
	memcpy(p + 100, "store", 5);
	CHECK(pread(fd, b, 5, 100) == 5 && !memcmp(b, "store", 5));
	CHECK(pwrite(fd, "write", 5, 5000) == 5 && !memcmp(p + 5000, "write", 5));
	CHECK(lseek(fd, 6000, SEEK_SET) == 6000 && write(fd, "again", 5) == 5 && !memcmp(p + 6000, "again", 5));
	CHECK(!msync(p, 8192, MS_SYNC));
	return 0;
}

/* A file is mapped and removed; the next one often has its inode, but not its data. */
#include "check.h"

int main(void)
{
	for (int i = 0; i < 10; i++) {
		int fd = temp_file();
		CHECK(!ftruncate(fd, 8192));
		volatile char *m = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		CHECK(m != MAP_FAILED);
		CHECK(!m[100] && !m[5000]);
		m[100] = m[5000] = (char)(i + 1);
		CHECK(!munmap((void *)m, 8192) && !close(fd));
	}
	return 0;
}

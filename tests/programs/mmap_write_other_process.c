/* One process writes a file that another maps. */
#include "check.h"

int main(void)
{
	int fd = temp_file(), go[2];
	char c;
	CHECK(!ftruncate(fd, 4096) && !pipe(go));
	volatile char *m = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	pid_t p = fork();
	if (!p) {
		CHECK(pwrite(fd, "changed", 7, 10) == 7 && write(go[1], "x", 1) == 1);
		_exit(0);
	}
	CHECK(read(go[0], &c, 1) == 1);
	CHECK(m[10] == 'c' && m[16] == 'd');
	reap(p, 0);
	return 0;
}

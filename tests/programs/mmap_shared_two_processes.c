/* Two processes share a file mapping. */
#include "check.h"

int main(void)
{
	int fd = temp_file(), go[2], back[2];
	char c;
	CHECK(!ftruncate(fd, 4096) && !pipe(go) && !pipe(back));
	pid_t p = fork();
	volatile int *m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (!p) {
		for (int i = 0; i < 20; i++) {
			CHECK(read(go[0], &c, 1) == 1);
			m[1] = m[0] * 2;
			CHECK(write(back[1], "x", 1) == 1);
		}
		_exit(0);
	}
	for (int i = 0; i < 20; i++) {
		m[0] = i;
		CHECK(write(go[1], "x", 1) == 1 && read(back[0], &c, 1) == 1);
		CHECK(m[1] == 2 * i);
	}
	reap(p, 0);
	return 0;
}

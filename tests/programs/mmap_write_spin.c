/* A process waits in a loop, with calls, for a change to a mapped file that another writes. */
#include "check.h"

int main(void)
{
	int fd = temp_file();
	CHECK(!ftruncate(fd, 4096));
	volatile char *m = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	pid_t p = fork();
	if (!p) {
		for (int i = 1; i <= 50; i++) {
			char c = (char)i;
			CHECK(pwrite(fd, &c, 1, 0) == 1);
			sched_yield();
		}
		_exit(0);
	}
	long turns = 0, seen = 0;
	char last = 0;
	while (last != 50) {
		turns++;
		if (m[0] != last)
			seen++;
		last = m[0];
		getppid();
	}
	reap(p, 0);
	SHOW("%ld turns, %ld changes seen", turns, seen);
	return 0;
}

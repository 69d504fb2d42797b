/* Anonymous shared memory across fork. */
#include "check.h"

int main(void)
{
	volatile int *m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t p = fork();
	if (!p) {
		m[0] = 7;
		_exit(0);
	}
	reap(p, 0);
	CHECK(m[0] == 7);
	return 0;
}

/* A vfork child writes to its parent's memory. */
#include "check.h"

int main(void)
{
	volatile int v = 1;
	pid_t p = vfork();
	if (!p) {
		v = 42;
		_exit(0);
	}
	reap(p, 0);
	CHECK(v == 42);
	return 0;
}

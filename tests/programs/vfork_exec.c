/* vfork, then exec in the child. */
#include "check.h"

int main(void)
{
	pid_t p = vfork();
	CHECK(p >= 0);
	if (!p) {
		execl("/bin/echo", "echo", "from", "vfork", NULL);
		_exit(1);
	}
	reap(p, 0);
	SHOW("done");
	return 0;
}

/* setsid, setpgid, getsid. */
#include "check.h"

int main(void)
{
	pid_t p = fork();
	if (!p) {
		CHECK(setsid() == getpid() && getsid(0) == getpid() && getpgrp() == getpid());
		_exit(0);
	}
	reap(p, 0);
	p = fork();
	if (!p) {
		CHECK(!setpgid(0, 0) && getpgrp() == getpid());
		_exit(0);
	}
	reap(p, 0);
	return 0;
}

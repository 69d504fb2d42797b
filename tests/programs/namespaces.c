/* User, pid, uts and mount namespaces, if they are allowed. */
#include "check.h"

int main(void)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWNS)) {
		SHOW("not allowed here: %d", errno);
		return 0;
	}
	pid_t p = fork();
	if (!p) {
		struct utsname u;
		CHECK(getpid() == 1 && !sethostname("inside", 6) && !uname(&u) && !strcmp(u.nodename, "inside"));
		pid_t q = fork();
		if (!q)
			_exit(getpid());
		reap(q, 2);
		_exit(0);
	}
	reap(p, 0);
	return 0;
}

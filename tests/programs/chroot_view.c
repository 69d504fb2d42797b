/* chroot, where it is allowed. */
#include "check.h"

int main(void)
{
	pid_t p = fork();
	if (!p) {
		if (chroot("/tmp") || chdir("/"))
			_exit(0);
		_exit(access("/etc/passwd", F_OK) == -1 ? 0 : 1);
	}
	reap(p, 0);
	return 0;
}

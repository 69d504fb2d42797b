/* A root program gives up its rights and is still recorded. */
#include "check.h"

int main(void)
{
	if (getuid() == 0) {
		CHECK(!setgid(65534) && !setuid(65534));
		CHECK(getuid() == 65534);
	}
	pid_t p = fork();
	if (!p)
		_exit(getuid() & 0x7f);
	reap(p, getuid() & 0x7f);
	SHOW("%u", getuid());
	return 0;
}

/* fork, wait4, rusage. */
#include "check.h"

int main(void)
{
	pid_t p = fork();
	CHECK(p >= 0);
	if (!p) {
		SHOW("child %d of %d", getpid(), getppid());
		_exit(3);
	}
	int st;
	struct rusage ru;
	CHECK(wait4(p, &st, 0, &ru) == p && WEXITSTATUS(st) == 3);
	SHOW("parent %d reaped %d, maxrss %ld", getpid(), p, ru.ru_maxrss);
	return 0;
}

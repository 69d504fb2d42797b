/* PR_SET_CHILD_SUBREAPER adopts orphans. */
#include "check.h"

int main(void)
{
	CHECK(!prctl(PR_SET_CHILD_SUBREAPER, 1));
	int v = 0;
	CHECK(!prctl(PR_GET_CHILD_SUBREAPER, &v) && v == 1);
	pid_t p = fork();
	if (!p) {
		if (!fork()) {
			pause_ms(20);
			_exit(11);
		}
		_exit(0);
	}
	reap(p, 0);
	int st;
	CHECK(wait(&st) > 0 && WEXITSTATUS(st) == 11);
	return 0;
}

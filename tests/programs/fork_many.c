/* A tree of processes. */
#include "check.h"

int main(void)
{
	for (int i = 0; i < 20; i++) {
		pid_t p = fork();
		if (!p) {
			pid_t q = fork();
			if (!q)
				_exit(i);
			reap(q, i);
			_exit(i + 1);
		}
		reap(p, i + 1);
	}
	SHOW("ok");
	return 0;
}

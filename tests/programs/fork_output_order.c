/* Children write to the same pipe in some order, which replay repeats. */
#include "check.h"

int main(void)
{
	for (int i = 0; i < 6; i++) {
		if (!fork()) {
			for (int k = 0; k < 5; k++) {
				SHOW("child %d line %d", i, k);
				sched_yield();
			}
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
	return 0;
}

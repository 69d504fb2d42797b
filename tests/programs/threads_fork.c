/* build: -pthread */
/* fork in a threaded process; the child has one thread. */
#include "check.h"

static void *body(void *p)
{
	for (int i = 0; i < 20; i++)
		pause_ms(1);
	return p;
}
int main(void)
{
	pthread_t t;
	pthread_create(&t, NULL, body, NULL);
	for (int i = 0; i < 5; i++) {
		pid_t p = fork();
		if (!p) {
			char *m = malloc(100000);
			memset(m, 1, 100000);
			_exit(i);
		}
		reap(p, i);
	}
	pthread_join(t, NULL);
	return 0;
}

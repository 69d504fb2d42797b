/* build: -pthread */
/* A data race: whatever comes out, replay gets the same. */
#include "check.h"

static volatile long n;
static void *body(void *p)
{
	for (int i = 0; i < 2000; i++) {
		long v = n;
		if (i % 50 == 0)
			sched_yield();
		n = v + 1;
	}
	return p;
}
int main(void)
{
	pthread_t t[4];
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, body, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	SHOW("%ld", n);
	return 0;
}

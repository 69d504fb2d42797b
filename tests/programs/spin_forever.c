/* build: -pthread */
/* Threads that never end, while main looks at them and exits. */
#include "check.h"

static volatile unsigned long n[2];
static void *forever(void *p)
{
	for (;;)
		++*(volatile unsigned long *)p;
}
int main(void)
{
	pthread_t t;
	for (int i = 0; i < 2; i++)
		CHECK(!pthread_create(&t, NULL, forever, (void *)&n[i]));
	for (volatile int i = 0; i < 20000000; i++)
		;
	SHOW("%d %d", n[0] > 0, n[1] > 0);
	SHOW("%lu %lu", n[0], n[1]);
	return 0;
}

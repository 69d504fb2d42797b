/* build: -pthread */
/* Threads wait in loops for a plain variable, with and without pause, and look at how long it took. */
#include "check.h"

static volatile int flag;
static volatile long rounds;

static void *spin(void *pause)
{
	while (!flag) {
		rounds++;
		if (pause)
			__builtin_ia32_pause();
	}
	return NULL;
}

int main(void)
{
	for (int i = 0; i < 4; i++) {
		pthread_t t;
		flag = 0;
		CHECK(!pthread_create(&t, NULL, spin, i % 2 ? "pause" : NULL));
		for (volatile int k = 0; k < 5000000; k++)
			;
		flag = 1;
		pthread_join(t, NULL);
		SHOW("%ld rounds", rounds);
	}
	return 0;
}

/* build: -pthread -O0 */
/* 8 threads increment a counter 10 million times, unprotected: whatever is lost is lost in the replay. */
#include "check.h"

static volatile long n;
static void *body(void *p)
{
	for (int i = 0; i < 10000000; i++) {
		long v = n;
		for (int k = i & 3; k; k--)
			;
		n = v + 1;
	}
	return p;
}
int main(void)
{
	pthread_t t[8];
	for (int i = 0; i < 8; i++)
		CHECK(!pthread_create(&t[i], NULL, body, NULL));
	for (int i = 0; i < 8; i++)
		pthread_join(t[i], NULL);
	SHOW("%ld", n);
	return 0;
}

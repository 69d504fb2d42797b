/* build: -pthread */
/* Threads and a contended mutex. */
#include "check.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static long sum;
static void *body(void *p)
{
	for (int i = 0; i < 500; i++) {
		pthread_mutex_lock(&m);
		sum += i;
		if (i % 100 == 0)
			sched_yield();
		pthread_mutex_unlock(&m);
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
	CHECK(sum == 8 * 124750);
	return 0;
}

/* build: -pthread */
/* Threads make threads while others run: the new thread's id is there at once. */
#include "check.h"

static void *leaf(void *p)
{
	CHECK(syscall(SYS_gettid) > 0);
	sched_yield();
	return p;
}
static void *maker(void *p)
{
	for (int i = 0; i < 20; i++) {
		pthread_t t;
		CHECK(!pthread_create(&t, NULL, leaf, NULL));
		for (int k = 0; k < 20; k++)
			sched_yield();
		pthread_join(t, NULL);
	}
	return p;
}
int main(void)
{
	pthread_t t[4];
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, maker, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	return 0;
}

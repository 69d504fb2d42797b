/* build: -pthread */
/* Priority-inheritance mutexes, contended. */
#include "check.h"

static pthread_mutex_t m;
static int count;
static void *body(void *p)
{
	for (int i = 0; i < 200; i++) {
		pthread_mutex_lock(&m);
		count++;
		if (i % 20 == 0)
			pause_ms(1);
		pthread_mutex_unlock(&m);
	}
	return p;
}
int main(void)
{
	pthread_mutexattr_t at;
	pthread_mutexattr_init(&at);
	pthread_mutexattr_setprotocol(&at, PTHREAD_PRIO_INHERIT);
	CHECK(!pthread_mutex_init(&m, &at));
	pthread_t t[4];
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, body, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	CHECK(count == 800);
	return 0;
}

/* build: -pthread */
/* The leader exits first; the process ends with its last thread. */
#include "check.h"

static void *late(void *p)
{
	pause_ms(30);
	SHOW("thread outlives main");
	exit(5); /* status: 5 */
	return p;
}
int main(void)
{
	pthread_t t;
	CHECK(!pthread_create(&t, NULL, late, NULL));
	pthread_exit(NULL);
}

/* build: -pthread */
/* pthread_cancel of a thread in a blocking call. */
#include "check.h"

static void *body(void *p)
{
	pause();
	return p;
}
int main(void)
{
	pthread_t t;
	void *r;
	CHECK(!pthread_create(&t, NULL, body, NULL));
	pause_ms(5);
	CHECK(!pthread_cancel(t) && !pthread_join(t, &r) && r == PTHREAD_CANCELED);
	return 0;
}

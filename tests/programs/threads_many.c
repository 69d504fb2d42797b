/* build: -pthread */
/* Two hundred short threads. */
#include "check.h"

static void *body(void *p)
{
	return (char *)p + 1;
}
int main(void)
{
	for (int round = 0; round < 10; round++) {
		pthread_t t[20];
		void *r;
		for (long i = 0; i < 20; i++)
			CHECK(!pthread_create(&t[i], NULL, body, (void *)i));
		for (long i = 0; i < 20; i++)
			CHECK(!pthread_join(t[i], &r) && r == (void *)(i + 1));
	}
	return 0;
}

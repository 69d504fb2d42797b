/* build: -pthread */
/* exit_group ends threads that block in calls. */
#include "check.h"

static void *block(void *p)
{
	pause();
	return p;
}
int main(void)
{
	pthread_t t[4];
	for (int i = 0; i < 4; i++)
		CHECK(!pthread_create(&t[i], NULL, block, NULL));
	pause_ms(10);
	exit(0);
}

/* build: -pthread */
/* abort in a process with threads. */
#include "check.h"

static void *block(void *p)
{
	pause();
	return p;
}
int main(void)
{
	struct rlimit none = {0, 0};
	pthread_t t[3];
	setrlimit(RLIMIT_CORE, &none);
	for (int i = 0; i < 3; i++)
		CHECK(!pthread_create(&t[i], NULL, block, NULL));
	pause_ms(5);
	SHOW("aborting");
	abort(); /* status: 134 */
}

/* build: -pthread */
/* exec by a thread that is not the leader. */
#include "check.h"

static void *run(void *p)
{
	execl("/bin/echo", "echo", "exec from a thread", NULL);
	return p;
}
static void *block(void *p)
{
	pause();
	return p;
}
int main(void)
{
	pthread_t t, u;
	CHECK(!pthread_create(&u, NULL, block, NULL));
	CHECK(!pthread_create(&t, NULL, run, NULL));
	pause();
	return 1;
}

/* build: -pthread */
/* Thread-local storage and thread names. */
#include "check.h"

static __thread int mine = 5;
static void *body(void *p)
{
	char name[17] = "";
	mine = *(int *)p;
	prctl(PR_SET_NAME, "worker");
	CHECK(!prctl(PR_GET_NAME, name) && !strcmp(name, "worker"));
	sched_yield();
	return (void *)(long)mine;
}
int main(void)
{
	pthread_t t[5];
	int in[5] = {1, 2, 3, 4, 5};
	void *r;
	for (int i = 0; i < 5; i++)
		pthread_create(&t[i], NULL, body, &in[i]);
	for (int i = 0; i < 5; i++)
		CHECK(!pthread_join(t[i], &r) && (long)r == i + 1);
	CHECK(mine == 5);
	return 0;
}

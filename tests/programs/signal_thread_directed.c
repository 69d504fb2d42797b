/* build: -pthread */
/* pthread_kill reaches the thread that is meant. */
#include "check.h"

static __thread int mine;
static volatile int hits;
static pthread_barrier_t ready;
static void on(int sig)
{
	(void)sig;
	hits += mine;
}
static void *body(void *p)
{
	mine = *(int *)p;
	pthread_barrier_wait(&ready);
	for (int i = 0; i < 1000 && !hits; i++)
		pause_ms(1);
	return NULL;
}
int main(void)
{
	pthread_t a, b;
	int one = 1, ten = 10;
	pthread_barrier_init(&ready, NULL, 3);
	signal(SIGUSR1, on);
	pthread_create(&a, NULL, body, &one);
	pthread_create(&b, NULL, body, &ten);
	pthread_barrier_wait(&ready);
	pthread_kill(b, SIGUSR1);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	CHECK(hits == 10);
	return 0;
}

/* build: -pthread */
/* Two threads that take turns with a mutex and a condition variable. */
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_changed = PTHREAD_COND_INITIALIZER;
static int turn, sum;

static void step(long me, int i)
{
	sum += (int)me * 10 + i; /* step: first */
}

static void *work(void *arg)
{
	long me = (long)arg;
	for (int i = 0; i < 3; i++) {
		pthread_mutex_lock(&lock);
		while (turn != me)
			pthread_cond_wait(&turn_changed, &lock);
		step(me, i); /* work: step */
		turn = !me;
		pthread_cond_broadcast(&turn_changed);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

int main(void)
{
	pthread_t t[2];
	for (long i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, work, (void *)i); /* main: create */
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL); /* main: join */
	printf("sum %d\n", sum); /* main: print */
	return 0;
}

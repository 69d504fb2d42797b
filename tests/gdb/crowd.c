/* build: -pthread */
/* Thirty threads wait for one another, each in functions of its own depth; the last one to come sees them all. */
#include <pthread.h>
#include <stdio.h>

#define THREADS 30

static pthread_barrier_t all;

static void deeper(long n)
{
	if (n)
		deeper(n - 1);
	else
		pthread_barrier_wait(&all);
}

static void *work(void *arg)
{
	deeper((long)arg % 5);
	return NULL;
}

static void come(void)
{
	puts("all are there"); /* come: here */
}

int main(void)
{
	pthread_t t[THREADS];
	pthread_barrier_init(&all, NULL, THREADS + 1);
	for (long i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, work, (void *)i);
	come();
	pthread_barrier_wait(&all);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	return 0;
}

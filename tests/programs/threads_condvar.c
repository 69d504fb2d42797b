/* build: -pthread */
/* Ping-pong with condition variables. */
#include "check.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static int turn;
static void *body(void *p)
{
	int me = *(int *)p;
	for (int i = 0; i < 300; i++) {
		pthread_mutex_lock(&m);
		while (turn != me)
			pthread_cond_wait(&c, &m);
		turn = !me;
		pthread_cond_signal(&c);
		pthread_mutex_unlock(&m);
	}
	return NULL;
}
int main(void)
{
	pthread_t a, b;
	int zero = 0, one = 1;
	pthread_create(&a, NULL, body, &zero);
	pthread_create(&b, NULL, body, &one);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return 0;
}

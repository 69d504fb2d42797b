/* The main thread waits in read() while another one works and makes calls, twice. */
/* build: -pthread */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static char got[8];
static int p[2];

static int work(int rounds)
{
	int sum = 0;
	for (int i = 0; i < rounds; i++) {
		sum += i; /* work: add */
		usleep(1);
	}
	return sum;
}

static void *writer(void *arg)
{
	for (char c = 'a'; c < 'c'; c++) {
		work(3);
		if (write(p[1], &c, 1) != 1)
			return NULL;
	}
	return arg;
}

int main(void)
{
	pthread_t t;
	if (pipe(p) || pthread_create(&t, NULL, writer, NULL))
		return 1;
	for (int i = 0; i < 2; i++) {
		if (read(p[0], &got[i], 1) != 1) /* main: read */
			return 2;
	}
	pthread_join(t, NULL);
	puts(got); /* main: puts */
	return 0;
}

/* build: -pthread */
/* 60 processes that live at the same time and end one after the other, and 60 threads in one of them. */
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int turns;

static void *body(void *p)
{
	pthread_mutex_lock(&lock);
	turns++;
	pthread_mutex_unlock(&lock);
	getppid();
	return p;
}

static int threads(void)
{
	pthread_t t[60];
	pthread_attr_t a;
	pthread_attr_init(&a);
	pthread_attr_setstacksize(&a, 65536);
	for (int i = 0; i < 60; i++)
		pthread_create(&t[i], &a, body, 0);
	for (int i = 0; i < 60; i++)
		pthread_join(t[i], 0);
	return turns == 60 ? 7 : 0;
}

int main(void)
{
	int go[2], status, sum = 0;
	char c;
	if (pipe(go))
		return 1;
	for (int i = 0; i < 60; i++) {
		if (fork())
			continue;
		close(go[1]);
		if (read(go[0], &c, 1))
			_exit(100);
		_exit(i == 30 ? threads() : 1);
	}
	close(go[1]);
	while (wait(&status) > 0)
		sum += WEXITSTATUS(status);
	printf("%d\n", sum);
	return sum == 66 ? 0 : 1;
}

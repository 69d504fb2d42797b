/* build: -pthread */
/* A robust mutex whose owner dies, thread and process. */
#include "check.h"

static void *die(void *m)
{
	pthread_mutex_lock(m);
	return NULL;
}
int main(void)
{
	pthread_mutexattr_t at;
	pthread_mutexattr_init(&at);
	pthread_mutexattr_setrobust(&at, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setpshared(&at, PTHREAD_PROCESS_SHARED);
	pthread_mutex_t *m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(!pthread_mutex_init(m, &at));
	pthread_t t;
	pthread_create(&t, NULL, die, m);
	pthread_join(t, NULL);
	CHECK(pthread_mutex_lock(m) == EOWNERDEAD && !pthread_mutex_consistent(m) && !pthread_mutex_unlock(m));
	pid_t p = fork();
	if (!p) {
		pthread_mutex_lock(m);
		_exit(0);
	}
	reap(p, 0);
	CHECK(pthread_mutex_lock(m) == EOWNERDEAD && !pthread_mutex_consistent(m) && !pthread_mutex_unlock(m));
	return 0;
}

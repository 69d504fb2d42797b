/* build: -fsanitize=address -pthread */
/* compiler: gcc */
/* verify: 50 */
/* LeakSanitizer, at the end of a program: a task that shares its memory attaches to all its threads, reads their
 * registers, and lets them go. It finds the block that nothing points to, and not the one that only a thread's stack
 * does. */
#include "report.h"

const char *__asan_default_options(void)
{
	return "log_path=stdout:symbolize=0:detect_leaks=1";
}

static char *volatile kept;
static pthread_barrier_t barrier;

static void *work(void *arg)
{
	char *volatile own = malloc(77777);
	pthread_barrier_wait(&barrier);
	if (arg)
		for (;;)
			own[0]++;
	pause();
	return own;
}

static int leaks(void)
{
	pthread_t t[3];
	pthread_barrier_init(&barrier, NULL, 4);
	for (long i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, work, (void *)(i & 1));
	pthread_barrier_wait(&barrier);
	kept = malloc(1234);
	kept = NULL;
	return 0;
}

int main(void)
{
	shows_report(leaks, "1234 byte(s) leaked in 1 allocation(s)");
	_exit(0);
}

/* build: -fsanitize=address -pthread */
/* compiler: gcc */
/* status: 66 */
/* AddressSanitizer: its shadow takes fixed addresses from 0x7fff7000 on, 16 TB of them. The program
 * ends with the report of a write behind a block. */
#include "check.h"

void __sanitizer_set_death_callback(void (*fn)(void));

static void reported(void)
{
	_exit(66);
}

const char *__asan_default_options(void)
{
	return "log_path=stdout:symbolize=0:detect_leaks=0";
}

static void *work(void *arg)
{
	char *p = malloc(1000);
	memset(p, 1, 1000);
	free(p);
	return arg;
}

int main(void)
{
	pthread_t t[4];
	volatile size_t n = 10;
	for (int i = 0; i < 4; i++)
		CHECK(!pthread_create(&t[i], NULL, work, NULL));
	for (int i = 0; i < 4; i++)
		CHECK(!pthread_join(t[i], NULL));
	char *p = malloc(n);
	SHOW("%p", (void *)p);
	fflush(stdout);
	__sanitizer_set_death_callback(reported);
	p[n] = 1;
	puts("not reached");
	return 0;
}

/* build: -fsanitize=address -pthread */
/* compiler: gcc */
/* verify: 10 */
/* AddressSanitizer: its shadow takes fixed addresses from 0x7fff7000 on, 16 TB of them. It reports a
 * write behind a block. */
#include "report.h"

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

static int write_behind(void)
{
	pthread_t t[4];
	volatile size_t n = 10;
	for (int i = 0; i < 4; i++)
		CHECK(!pthread_create(&t[i], NULL, work, NULL));
	for (int i = 0; i < 4; i++)
		CHECK(!pthread_join(t[i], NULL));
	volatile char *p = malloc(n);
	p[n] = 1;
	return 0;
}

int main(void)
{
	shows_report(write_behind, "heap-buffer-overflow");
	return 0;
}

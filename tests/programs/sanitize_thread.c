/* build: -fsanitize=thread -pthread */
/* compiler: gcc */
/* verify: 10 */
/* ThreadSanitizer: terabytes of shadow, and everything must be mapped where it expects it. It reports
 * a race. */
#include "report.h"

static int shared;

const char *__tsan_default_options(void)
{
	return "log_path=stdout:symbolize=0";
}

static void *work(void *arg)
{
	shared++;
	return arg;
}

static int race(void)
{
	pthread_t t[4];
	for (int i = 0; i < 4; i++)
		CHECK(!pthread_create(&t[i], NULL, work, NULL));
	for (int i = 0; i < 4; i++)
		CHECK(!pthread_join(t[i], NULL));
	return 0;
}

int main(void)
{
	shows_report(race, "data race");
	return 0;
}

/* build: -fsanitize=thread -pthread */
/* compiler: gcc */
/* status: 66 */
/* ThreadSanitizer: terabytes of shadow, and everything must be mapped where it expects it. The
 * program ends with the report of a race. */
#include "check.h"

static int shared, reports;

void __tsan_on_report(void *report)
{
	reports += report != NULL;
}

const char *__tsan_default_options(void)
{
	return "log_path=stdout:symbolize=0:exitcode=0";
}

static void *work(void *arg)
{
	shared++;
	return arg;
}

int main(void)
{
	pthread_t t[4];
	for (int i = 0; i < 4; i++)
		CHECK(!pthread_create(&t[i], NULL, work, NULL));
	for (int i = 0; i < 4; i++)
		CHECK(!pthread_join(t[i], NULL));
	SHOW("%d", shared);
	return reports ? 66 : 0;
}

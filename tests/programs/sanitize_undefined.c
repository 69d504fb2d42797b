/* build: -fsanitize=undefined -fno-sanitize-recover=undefined */
/* compiler: gcc */
/* verify: 10 */
/* UndefinedBehaviorSanitizer reports an overflow. */
#include "report.h"

#include <limits.h>

const char *__ubsan_default_options(void)
{
	return "log_path=stdout:symbolize=0";
}

static int overflow(void)
{
	volatile int n = INT_MAX;
	n += 1;
	printf("%d\n", n);
	return 0;
}

int main(void)
{
	shows_report(overflow, "signed integer overflow");
	return 0;
}

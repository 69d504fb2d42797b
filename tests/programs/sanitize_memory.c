/* build: -fsanitize=memory -fsanitize-memory-track-origins=2 -pthread */
/* compiler: clang */
/* verify: 10 */
/* MemorySanitizer: shadow and origins of all memory at fixed distances. It reports a branch that
 * depends on memory which nobody has set. */
#include "report.h"

const char *__msan_default_options(void)
{
	return "log_path=stdout:symbolize=0";
}

static int unset(void)
{
	volatile size_t n = 10;
	char *p = malloc(n);
	if (p[3] == 7)
		puts("seven");
	return 0;
}

int main(void)
{
	shows_report(unset, "use-of-uninitialized-value");
	return 0;
}

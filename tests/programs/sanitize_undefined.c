/* build: -fsanitize=undefined -fno-sanitize-recover=undefined */
/* compiler: gcc */
/* status: 66 */
/* UndefinedBehaviorSanitizer: the program ends with the report of an overflow. */
#include "check.h"

#include <limits.h>

void __sanitizer_set_death_callback(void (*fn)(void));

static void reported(void)
{
	_exit(66);
}

const char *__ubsan_default_options(void)
{
	return "log_path=stdout:symbolize=0";
}

int main(void)
{
	volatile int n = INT_MAX;
	SHOW("%p", (void *)&n);
	fflush(stdout);
	__sanitizer_set_death_callback(reported);
	n += 1;
	puts("not reached");
	return 0;
}

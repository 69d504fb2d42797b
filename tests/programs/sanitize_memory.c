/* build: -fsanitize=memory -fsanitize-memory-track-origins=2 -pthread */
/* compiler: clang */
/* status: 66 */
/* MemorySanitizer: shadow and origins of all memory at fixed distances. The program ends with the
 * report of a branch that depends on memory which nobody has set. */
#include "check.h"

void __sanitizer_set_death_callback(void (*fn)(void));

static void reported(void)
{
	_exit(66);
}

const char *__msan_default_options(void)
{
	return "log_path=stdout:symbolize=0";
}

int main(void)
{
	volatile size_t n = 10;
	char *p = malloc(n);
	SHOW("%p", (void *)p);
	fflush(stdout);
	__sanitizer_set_death_callback(reported);
	if (p[3] == 7)
		puts("seven");
	puts("not reached");
	return 0;
}

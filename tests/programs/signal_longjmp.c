/* Leaving a handler by siglongjmp, many times. */
#include "check.h"

static sigjmp_buf out;
static void on(int sig)
{
	siglongjmp(out, sig);
}
int main(void)
{
	signal(SIGUSR1, on);
	int n = 0;
	for (volatile int i = 0; i < 100; i++) {
		if (!sigsetjmp(out, 1))
			raise(SIGUSR1);
		else
			n++;
	}
	CHECK(n == 100);
	return 0;
}

/* build: -lm */
/* FPU, SSE and AVX state survives calls, signals and forks. */
#include "check.h"

#include <fenv.h>
#include <math.h>
static void on(int sig)
{
	volatile double x = 2.0;
	for (int i = 0; i < 10; i++)
		x = x * 1.5 + sig;
	fesetround(FE_UPWARD);
}
int main(void)
{
	volatile double x = 1.0;
	volatile long double y = 1.0L;
	signal(SIGUSR1, on);
	for (int i = 1; i < 200; i++) {
		x = x * 1.0000001 + 1.0 / i;
		y = y / 1.1L + x;
		if (i % 20 == 0)
			raise(SIGUSR1);
	}
	CHECK(fegetround() == FE_TONEAREST);
	SHOW("%.17g %.20Lg", x, y);
	return 0;
}

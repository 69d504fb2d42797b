/* rdtsc and rdtscp. */
#include "check.h"

#include <x86intrin.h>
int main(void)
{
	unsigned aux;
	unsigned long long a = __rdtsc(), b = __rdtscp(&aux);
	CHECK(b > a);
	SHOW("%llu %llu %u", a, b, aux);
	int mode = 0;
	CHECK(!prctl(PR_GET_TSC, &mode) && mode == PR_TSC_ENABLE);
	return 0;
}

/* natively: not run, virtual machines show the host's TSC_AUX */
/* rdtsc and rdtscp: time passes, by calls and without; rdtscp names the CPU as getcpu does. */
#include "check.h"

#include <sched.h>
#include <x86intrin.h>
int main(void)
{
	unsigned aux, cpu, node;
	unsigned long long a = __rdtsc(), b = __rdtscp(&aux), sum = 0;
	CHECK(b > a);
	SHOW("%llu %llu %u", a, b, aux);
	for (int i = 0; i < 30000; i++) {
		unsigned other;
		unsigned long long c = __rdtscp(&other), d = __rdtsc();
		CHECK(c >= b && d >= c && other == aux);
		sum += b = d;
	}
	CHECK(!getcpu(&cpu, &node) && aux == (node << 12 | cpu));
	SHOW("%llu", sum);
	int mode = 0;
	CHECK(!prctl(PR_GET_TSC, &mode) && mode == PR_TSC_ENABLE);
	return 0;
}

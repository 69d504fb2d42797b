/* build: -mrdrnd -mrdseed */
/* rdrand and rdseed, used without asking cpuid. */
#include "check.h"

#include <x86intrin.h>
int main(void)
{
	unsigned long long a = 0;
	unsigned b = 0;
	unsigned short c = 0;
	CHECK(_rdrand64_step(&a) && _rdrand32_step(&b) && _rdrand16_step(&c));
	SHOW("%llx %x %x", a, b, c);
	CHECK(_rdseed64_step(&a));
	SHOW("%llx", a);
	return 0;
}

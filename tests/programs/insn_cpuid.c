/* natively: not run, bits are hidden from recorded programs */
/* cpuid, and what it must not show. */
#include "check.h"

#include <cpuid.h>
int main(void)
{
	unsigned a, b, c, d;
	CHECK(__get_cpuid(0, &a, &b, &c, &d));
	SHOW("%08x %08x %08x %08x", a, b, c, d);
	CHECK(__get_cpuid(1, &a, &b, &c, &d));
	CHECK(!(c & bit_RDRND));
	SHOW("%08x %08x %08x %08x", a, b, c, d);
	CHECK(__get_cpuid_count(7, 0, &a, &b, &c, &d));
	CHECK(!(b & bit_RTM) && !(b & bit_RDSEED));
	return 0;
}

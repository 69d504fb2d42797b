/* build: -O2 -fno-asynchronous-unwind-tables -fno-unwind-tables -s */
/* natively: not run, bits of cpuid are hidden from recorded programs */
/* rdtsc, cpuid and rdrand's bit in functions of which the file says nothing; numbers that look like
 * these instructions stay as they are. */
#include "check.h"

#include <cpuid.h>
#include <x86intrin.h>

/* The only function that is described; its system call gives the program an image. */
long described(void);
__asm__(".text\n"
	"described: .cfi_startproc\n"
	"mov $39, %eax\n" /* getpid */
	"syscall\n"
	"ret\n"
	".cfi_endproc\n");

static __attribute__((noinline)) unsigned long long ticks(void)
{
	return __rdtsc();
}

static __attribute__((noinline)) unsigned features(void)
{
	unsigned a, b, c, d;
	__cpuid(1, a, b, c, d);
	SHOW("%08x %08x %08x %08x", a, b, c, d);
	return c;
}

static __attribute__((noinline)) uint64_t immediates(void)
{
	uint64_t r, s;
	__asm__ volatile("movabs $0x310f310fa20f310f, %0; mov $0x20f310f, %k1; add %1, %0" : "=&r"(r), "=&r"(s));
	return r;
}

int main(void)
{
	unsigned long long sum = 0, last = ticks();
	for (int i = 0; i < 200; i++) {
		unsigned long long now = ticks();
		CHECK(now >= last);
		sum = sum * 31 + (last = now);
	}
	SHOW("%llu", sum);
	CHECK(described() == getpid());
	CHECK(!(features() & bit_RDRND));
	CHECK(immediates() == 0x310f310fa20f310f + 0x20f310full);
	return 0;
}

#include "task/tsc.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

/* Of the thread that has called tsc_disable, which is the thread's affair in the kernel too. */
static _Thread_local struct {
	uint64_t tsc, ns;
	double rate; /* counts a nanosecond */
} base;

static uint64_t exact_ns(void)
{
	struct timespec ts;
	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts); /* not the vdso */
	return (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
}

void tsc_disable(void)
{
	base.ns = exact_ns();
	base.tsc = __rdtsc();
	uint64_t ns;
	do
		ns = exact_ns();
	while (ns - base.ns < 2000000);
	base.rate = (double)(__rdtsc() - base.tsc) / (double)(ns - base.ns);
	prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0);
}

uint64_t tsc_now(void)
{
	return base.tsc + (uint64_t)((double)(exact_ns() - base.ns) * base.rate);
}

void tsc_scale(uint64_t *ns, uint64_t *count, uint64_t *mult)
{
	*ns = base.ns;
	*count = base.tsc;
	*mult = (uint64_t)(base.rate * 4294967296.0);
}

uint64_t coarse_ns(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
}

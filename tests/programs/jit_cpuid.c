/* cpuid, rdtsc and rdtscp in code made at run time, with results that change: in memory that can be written and
 * executed at once, and changes, in memory that is protected in turns, and over the border of two pages. Bytes that
 * look like these instructions stay what they are. */
/* natively: not run, bits of cpuid are hidden from recorded programs */
#include "check.h"

#include <cpuid.h>

#define PAGE 4096

typedef uint64_t (*code)(uint64_t);

static uint8_t *put(uint8_t *p, const void *bytes, size_t n)
{
	memcpy(p, bytes, n);
	return p + n;
}
#define PUT(p, s) put(p, s, sizeof(s) - 1)

/* rax, with rdx above it, of the time stamp counter */
static const char rdtsc[] = "\x0f\x31\x48\xc1\xe2\x20\x48\x09\xd0\xc3";
static const char rdtscp[] = "\x0f\x01\xf9\x48\xc1\xe2\x20\x48\x09\xd0\xc3";
/* ecx of leaf rdi */
static const char cpuid[] = "\x53\x89\xf8\x31\xc9\x0f\xa2\x89\xc8\x5b\xc3";
/* a number that looks like them */
static const char number[] = "\x48\xb8\x0f\x31\x0f\xa2\x0f\x01\xf9\x00\xc3";

static uint8_t *map(int prot)
{
	uint8_t *p = mmap(NULL, 4 * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED);
	return p;
}

static void check_time(const uint8_t *at, unsigned n)
{
	uint64_t sum = 0, last = 0;
	for (unsigned i = 0; i < n; i++) {
		uint64_t now = ((code)at)(0);
		CHECK(now >= last);
		sum = sum * 31 + (last = now);
	}
	SHOW("%llu", (unsigned long long)sum);
}

/* The same page gets one thing after the other. */
static void rewritten(void)
{
	uint8_t *p = map(PROT_READ | PROT_WRITE | PROT_EXEC);
	for (int i = 0; i < 5; i++) {
		PUT(p, rdtsc);
		check_time(p, 10);
		PUT(p, cpuid);
		CHECK(!(((code)p)(1) & bit_RDRND));
		PUT(p, number);
		CHECK(((code)p)(0) == 0x00f9010fa20f310full);
		CHECK(!memcmp(p, number, sizeof(number) - 1));
		PUT(p, rdtscp);
		check_time(p, 10);
	}
}

/* Two functions beside each other, with data between that looks like code. */
static void beside(void)
{
	uint8_t *p = map(PROT_READ | PROT_WRITE), *q;
	PUT(p, rdtsc);
	PUT(p + 64, "\x0f\xa2\x90\x90\x0f\x31\xc3");
	q = PUT(p + 128, number);
	CHECK(!mprotect(p, 4 * PAGE, PROT_READ | PROT_EXEC));
	check_time(p, 10);
	CHECK(((code)(p + 128))(0) == 0x00f9010fa20f310full);
	CHECK(!memcmp(p + 64, "\x0f\xa2\x90\x90\x0f\x31\xc3", 7));
	for (int i = 0; i < 20; i++) {
		CHECK(!mprotect(p, 4 * PAGE, PROT_READ | PROT_WRITE));
		PUT(q, cpuid);
		CHECK(!mprotect(p, 4 * PAGE, PROT_READ | PROT_EXEC));
		CHECK(!(((code)q)(1) & bit_RDRND));
	}
}

/* An instruction on two pages, of which the second changes. */
static void on_two_pages(void)
{
	uint8_t *p = map(PROT_READ | PROT_WRITE | PROT_EXEC), *at = p + PAGE - 1;
	for (int i = 0; i < 3; i++) {
		PUT(at, "\x0f\x31\xc3");
		check_time(at, 3);
		PUT(at + 1, "\x1f\xc0\xb8\x07\x00\x00\x00\xc3"); /* nop; mov $7, %eax */
		CHECK((uint32_t)((code)at)(0) == 7);
	}
}

/* The kernel writes code, and a child executes it. */
static void read_by_child(void)
{
	int fds[2];
	uint8_t *p = map(PROT_READ | PROT_WRITE | PROT_EXEC);
	PUT(p, number);
	((code)p)(0);
	CHECK(!pipe(fds) && write(fds[1], rdtsc, sizeof(rdtsc)) == sizeof(rdtsc));
	CHECK(read(fds[0], p, sizeof(rdtsc)) == sizeof(rdtsc));
	check_time(p, 3);
	pid_t pid = fork();
	if (!pid) {
		check_time(p, 3);
		PUT(p, rdtscp);
		check_time(p, 3);
		_exit(0);
	}
	reap(pid, 0);
	check_time(p, 3);
}

static volatile sig_atomic_t faults;
static uint8_t *faulty;

static void on_fault(int sig)
{
	faults += sig == SIGSEGV;
	CHECK(!mprotect(faulty, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC));
}

/* Faults of the program's own stay that. */
static void own_faults(void)
{
	signal(SIGSEGV, on_fault);
	faulty = map(PROT_READ);
	((volatile uint8_t *)faulty)[0] = 0xc3;
	CHECK(faults == 1);
	PUT(faulty, rdtsc);
	CHECK(!mprotect(faulty, PAGE, PROT_READ));
	check_time(faulty, 3);
	CHECK(faults == 2);
	CHECK(!mprotect(faulty, PAGE, PROT_READ | PROT_EXEC));
	check_time(faulty, 3);
	((volatile uint8_t *)faulty)[0] = 0xc3;
	CHECK(faults == 3);
}

/* An instruction goes from one page to the next, and both hold bytes that nothing is known about. */
static void between_unknown(void)
{
	static const char unknown[] = "\x0f\xa2\x0f\x31", three[] = "\x90\x90\x90", end[] = "\xc3";
	uint8_t *p = map(PROT_READ | PROT_WRITE | PROT_EXEC);
	for (uint64_t i = 1; i < 5; i++) {
		uint8_t *begin = p + PAGE - 8, *at = PUT(begin, three);
		PUT(p + 100, unknown);
		PUT(p + 2 * PAGE - 100, unknown);
		at = PUT(at, "\x48\xb8"); /* mov to rax */
		at = put(at, &i, sizeof(i));
		PUT(at, end);
		CHECK(((code)begin)(0) == i);
	}
}
/* Code that sets flags, beside code that has not run yet. */
static void beside_popf(void)
{
	uint8_t *p = map(PROT_READ | PROT_WRITE | PROT_EXEC);
	PUT(p, "\x9c\x48\x81\x34\x24\x00\x00\x04\x00\x9d\x9c\x58\xc3"); /* flip AC; the flags to rax */
	PUT(p + 64, cpuid);
	uint64_t flipped = ((code)p)(0);
	CHECK(flipped & 1 << 18 && !(flipped & 1 << 8));
	CHECK(!(((code)p)(0) & 1 << 18));
	CHECK(!(((code)(p + 64))(1) & bit_RDRND));
}

int main(void)
{
	beside_popf();
	between_unknown();
	rewritten();
	beside();
	on_two_pages();
	read_by_child();
	own_faults();
	return 0;
}

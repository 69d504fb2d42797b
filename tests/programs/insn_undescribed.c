/* build: -O2 -fno-asynchronous-unwind-tables -fno-unwind-tables -s */
/* natively: not run, bits of cpuid are hidden from recorded programs */
/* rdtsc, cpuid and rdrand's bit in functions of which the file says nothing; numbers and tables that look like
 * these instructions stay as they are. The list of mappings shows the program's text as one. */
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

/* A table between functions, as some compilers put it there: it looks like a function that asks for the CPU and the
 * time. It fills the page with what is executed, so that the page is entered often. */
extern const unsigned char table[];
long before(void), behind(void);
__asm__(".text\n"
	".balign 4096\n"
	"before: mov $1, %eax\n"
	"ret\n"
	"table: .byte 0x53, 0x31, 0xc0, 0x31, 0xc9, 0x0f, 0xa2, 0x89, 0xc8, 0x0f, 0x31, 0x5b, 0xc3\n"
	".fill 128, 1, 0x90\n"
	"behind: mov $2, %eax\n"
	"ret\n"
	".balign 4096\n");
long executed_late(void);
__asm__(".text\n"
	"executed_late: call *%rdi\n"
	"rdtsc\n"
	"movzwl %ax, %eax\n"
	"ret\n");

static void tables(void)
{
	static const unsigned char same[] = {0x53, 0x31, 0xc0, 0x31, 0xc9, 0x0f, 0xa2,
					     0x89, 0xc8, 0x0f, 0x31, 0x5b, 0xc3};
	long sum = 0;
	for (int i = 0; i < 3000; i++)
		sum += before() + behind();
	CHECK(sum == 9000 && !memcmp(table, same, sizeof(same)));
	SHOW("%ld", ((long (*)(long (*)(void)))executed_late)(before));
}

/* Mappings of the program that may be executed. */
static int text_lines(void)
{
	char line[512], self[256] = "";
	FILE *f = fopen("/proc/self/maps", "r");
	int n = 0;
	CHECK(f && readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	while (fgets(line, sizeof(line), f)) {
		if (strstr(line, self))
			n += strstr(line, " r-xp ") ? 1 : 0;
	}
	fclose(f);
	return n;
}

int main(void)
{
	CHECK(text_lines() == 1);
	unsigned long long sum = 0, last = ticks();
	for (int i = 0; i < 200; i++) {
		unsigned long long now = ticks();
		CHECK(now >= last);
		sum = sum * 31 + (last = now);
	}
	SHOW("%llu", sum);
	CHECK(described() == getpid());
	CHECK(!(features() & bit_RDRND));
	tables();
	CHECK(text_lines() == 1);
	CHECK(immediates() == 0x310f310fa20f310f + 0x20f310full);
	return 0;
}

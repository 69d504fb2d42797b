/* Instructions that are not ordinary: rep movs, rep stos, div by zero, cpuid, rdtsc, ud2, int3, a tight loop. */
#include <setjmp.h>
#include <signal.h>
#include <string.h>

char from[64] = "0123456789abcdef", to[64], many[60000];
static sigjmp_buf back;
volatile int faults;

static void on_fault(int sig)
{
	faults++;
	siglongjmp(back, sig);
}

__attribute__((noinline)) static void copy(void)
{
	void *d = to, *s = from;
	long n = 16;
	__asm__ volatile("copy_at: rep movsb\ncopy_done: nop" : "+D"(d), "+S"(s), "+c"(n)::"memory");
}

__attribute__((noinline)) static void divide(void)
{
	int a = 1, d = 0;
	if (!sigsetjmp(back, 1))
		__asm__ volatile("cdq\ndivide_at: idivl %1" : "+a"(a) : "r"(d) : "edx");
}

__attribute__((noinline)) static void illegal(void)
{
	if (!sigsetjmp(back, 1))
		__asm__ volatile("illegal_at: ud2");
}

__attribute__((noinline)) static unsigned spin(void)
{
	unsigned n = 0;
	__asm__ volatile("spin_at: incl %0\ncmpl $1000, %0\njne spin_at\nspin_done: nop" : "+r"(n));
	return n;
}

__attribute__((noinline)) static unsigned long clock_insn(void)
{
	unsigned lo, hi;
	__asm__ volatile("clock_at: rdtsc\nclock_done: nop" : "=a"(lo), "=d"(hi));
	return lo | (unsigned long)hi << 32;
}

__attribute__((noinline)) static void fill(void)
{
	void *d = many;
	long n = sizeof(many);
	__asm__ volatile("fill_at: rep stosb" : "+D"(d), "+c"(n) : "a"(1) : "memory");
}

int main(void)
{
	signal(SIGFPE, on_fault);
	signal(SIGILL, on_fault);
	copy();
	divide();
	illegal();
	fill();
	unsigned n = spin();
	unsigned long t = clock_insn(), u = clock_insn();
	return faults == 2 && n == 1000 && t <= u && !strcmp(to, from) ? 0 : 1; /* main: last */
}

/* The program single-steps itself with the trap flag. */
#include "check.h"

static volatile int steps;
static void on(int sig)
{
	(void)sig;
	steps++;
}
int main(void)
{
	signal(SIGTRAP, on);
	__asm__ volatile("pushf\n orl $0x100, (%%rsp)\n popf\n nop\n nop\n nop\n"
			 "pushf\n andl $~0x100, (%%rsp)\n popf\n nop" ::: "memory", "cc");
	CHECK(steps >= 5 && steps <= 8);
	SHOW("%d steps", steps);
	return 0;
}

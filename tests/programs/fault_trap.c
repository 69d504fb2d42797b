/* SIGTRAP from int3, in the program's own code. */
#include "check.h"

static volatile int got;
static void on(int sig)
{
	got = sig;
}
int main(void)
{
	signal(SIGTRAP, on);
	__asm__ volatile("int3");
	CHECK(got == SIGTRAP);
	return 0;
}

/* makecontext and swapcontext. */
#include "check.h"

static ucontext_t a, b;
static char stack[65536];
static int n;
static void other(void)
{
	for (int i = 0; i < 50; i++) {
		n++;
		swapcontext(&b, &a);
	}
}
int main(void)
{
	getcontext(&b);
	b.uc_stack.ss_sp = stack;
	b.uc_stack.ss_size = sizeof(stack);
	makecontext(&b, other, 0);
	for (int i = 0; i < 50; i++)
		swapcontext(&a, &b);
	CHECK(n == 50);
	return 0;
}

/* Loads a library, leaves a function by longjmp, goes round a loop. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdio.h>

static jmp_buf where;

static void leave(int n)
{
	if (n == 2)
		longjmp(where, 7); /* leave: jump */
	printf("not left at %d\n", n);
}

int main(void)
{
	int rounds = 0;
	void *m = dlopen("libm.so.6", RTLD_NOW);
	int back = setjmp(where);
	if (!back) { /* main: tested */
		leave(1);
		leave(2); /* main: left */
		puts("never");
	}
	while (rounds < 5)
		rounds++; /* main: round */
	printf("%d %d\n", rounds, back); /* main: print */
	if (m)
		dlclose(m);
	return 0; /* main: end */
}

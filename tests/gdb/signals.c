/* A handler for SIGUSR1, raised twice; one for SIGSEGV that leaves by siglongjmp. */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

volatile int count;
static sigjmp_buf back;

static void on_usr1(int sig)
{
	count += sig; /* usr1: first */
	count++;
}

static void on_segv(int sig, siginfo_t *si, void *ctx)
{
	(void)si;
	(void)ctx;
	siglongjmp(back, sig); /* segv: first */
}

static int poke(volatile int *p)
{
	*p = 1; /* poke: store */
	return 0;
}

int main(void)
{
	struct sigaction sa = {.sa_handler = on_usr1};
	struct sigaction sg = {.sa_sigaction = on_segv, .sa_flags = SA_SIGINFO};
	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGSEGV, &sg, NULL);
	raise(SIGUSR1); /* main: raise */
	raise(SIGUSR1); /* main: again */
	int n = sigsetjmp(back, 1); /* main: setjmp */
	if (!n)
		poke((int *)0x1230); /* main: poke */
	printf("%d %d\n", count, n); /* main: print */
	return 0;
}

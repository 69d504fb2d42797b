/* Timers' handlers interrupt a computation and log what it has come to. */
#include "check.h"

static volatile unsigned hash, rounds;
static unsigned log_[4096];
static volatile int hits;

static void on(int sig)
{
	(void)sig;
	if (hits < 4096)
		log_[hits++] = hash;
}

static void compute(int timer)
{
	struct itimerval it = {{0, 1000}, {0, 1000}}, off = {0};
	int start = hits;
	setitimer(timer, &it, NULL);
	while (hits < start + 40) {
		for (unsigned i = 0; i < 1000; i++)
			hash = hash * 31 + i;
		rounds++;
	}
	setitimer(timer, &off, NULL);
}

/* Recursion without a loop. */
static unsigned fib(unsigned n)
{
	hash += n;
	return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int main(void)
{
	signal(SIGALRM, on);
	signal(SIGPROF, on);
	compute(ITIMER_REAL);
	compute(ITIMER_PROF);
	struct itimerval it = {{0, 1000}, {0, 1000}};
	int before = hits;
	setitimer(ITIMER_REAL, &it, NULL);
	SHOW("%u", fib(32));
	CHECK(hits > before);
	for (int i = 0; i < hits; i++)
		SHOW("%d: %08x", i, log_[i]);
	SHOW("%u rounds", rounds);
	return 0;
}

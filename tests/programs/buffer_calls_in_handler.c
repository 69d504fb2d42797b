/* A profiler that walks stacks: its handler probes memory with system calls, 100,000 times.
 * tests/cli/handler_stops.sh counts the stops. */
#include "check.h"

static volatile long probes, good, ticks;
static int pipes[2];

/* Is there memory? The kernel says so without a fault. */
static int readable(uintptr_t addr)
{
	char c;
	if (write(pipes[1], (void *)addr, 1) != 1)
		return 0;
	return read(pipes[0], &c, 1) == 1;
}
static void on(int sig)
{
	uintptr_t sp = (uintptr_t)__builtin_frame_address(0);
	(void)sig;
	ticks++;
	for (int i = 0; i < 500 && probes < 100000; i++, probes++)
		good += readable(i % 5 ? sp + 8 * (i % 64) : 0x10 + i);
}
int main(void)
{
	struct sigaction sa = {.sa_handler = on, .sa_flags = SA_RESTART};
	struct itimerval it = {{0, 1000}, {0, 1000}};
	CHECK(!pipe(pipes));
	sigaction(SIGPROF, &sa, NULL);
	setitimer(ITIMER_PROF, &it, NULL);
	volatile unsigned x = 1;
	while (probes < 100000) {
		for (int i = 0; i < 10000; i++)
			x = x * 1103515245 + 12345;
		getppid();
	}
	setitimer(ITIMER_PROF, &(struct itimerval){0}, NULL);
	CHECK(good == 80000);
	SHOW("%ld %ld %ld", probes, good, ticks);
	return 0;
}

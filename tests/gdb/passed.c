/* Raises a signal every millisecond or so, for half a second. */
#include <signal.h>
#include <stdio.h>

volatile unsigned sum;

static void on_usr1(int sig)
{
	sum += (unsigned)sig;
}

int main(void)
{
	signal(SIGUSR1, on_usr1);
	for (int i = 0; i < 500; i++) {
		for (int n = 0; n < 500000; n++)
			sum = sum * 31 + 1;
		raise(SIGUSR1);
	}
	printf("%u\n", sum); /* main: last */
	return 0;
}

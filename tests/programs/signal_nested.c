/* A handler interrupted by another handler. */
#include "check.h"

static volatile int log_[8], n;
static void inner(int sig)
{
	log_[n++] = sig;
}
static void outer(int sig)
{
	log_[n++] = sig;
	raise(SIGUSR2);
	log_[n++] = -sig;
}
int main(void)
{
	signal(SIGUSR1, outer);
	signal(SIGUSR2, inner);
	raise(SIGUSR1);
	CHECK(n == 3 && log_[0] == SIGUSR1 && log_[1] == SIGUSR2 && log_[2] == -SIGUSR1);
	return 0;
}

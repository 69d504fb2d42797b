/* A child that computes without a call is killed. */
#include "check.h"

int main(void)
{
	pid_t p = fork();
	if (!p)
		for (volatile unsigned long i = 0;; i++)
			;
	signal(SIGALRM, SIG_DFL);
	alarm(1); /* status: 142 */
	waitpid(p, NULL, 0);
	return 0;
}

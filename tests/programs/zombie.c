/* A zombie stays until it is waited for. */
#include "check.h"

int main(void)
{
	pid_t p = fork();
	if (!p)
		_exit(2);
	siginfo_t si;
	CHECK(!waitid(P_PID, (id_t)p, &si, WEXITED | WNOWAIT));
	CHECK(si.si_pid == p && si.si_status == 2);
	CHECK(!kill(p, 0));
	reap(p, 2);
	CHECK(kill(p, 0) == -1 && errno == ESRCH);
	return 0;
}

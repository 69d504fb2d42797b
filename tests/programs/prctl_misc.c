/* Names, death signals, no_new_privs, timer slack. */
#include "check.h"

int main(void)
{
	int sig = -1;
	CHECK(!prctl(PR_SET_PDEATHSIG, SIGUSR1) && !prctl(PR_GET_PDEATHSIG, &sig) && sig == SIGUSR1);
	CHECK(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	SHOW("slack %d keep %d", prctl(PR_GET_TIMERSLACK), prctl(PR_GET_KEEPCAPS));
	return 0;
}

/* The program is killed by a signal it does not handle. */
#include "check.h"

int main(void)
{
	SHOW("about to die");
	kill(getpid(), SIGTERM); /* status: 143 */
	pause();
	return 0;
}

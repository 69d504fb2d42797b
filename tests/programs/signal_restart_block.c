/* nanosleep and poll go on after SIGSTOP and SIGCONT (restart_syscall). */
#include "check.h"

int main(void)
{
	pid_t p = fork();
	if (!p) {
		struct timespec ts = {0, 80000000}, rem = {0};
		CHECK(!nanosleep(&ts, &rem));
		CHECK(poll(NULL, 0, 80) == 0);
		_exit(3);
	}
	for (int i = 0; i < 3; i++) {
		pause_ms(20);
		kill(p, SIGSTOP);
		pause_ms(10);
		kill(p, SIGCONT);
	}
	reap(p, 3);
	return 0;
}

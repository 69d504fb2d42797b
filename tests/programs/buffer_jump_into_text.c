/* A handler leaves by an ordinary jump to the interrupted address, or the one behind the
 * call, whose bytes an instrumented image has changed. */
#include "check.h"

static int pipes[2], n;

static void on(int sig, siginfo_t *si, void *ctx)
{
	ucontext_t *uc = ctx;
	(void)sig;
	(void)si;
	n++;
	jump_to_frame(uc, 0); /* no sigreturn; 0 is a result of read, and SYS_read */
}
int main(void)
{
	struct sigaction sa = {.sa_sigaction = on, .sa_flags = SA_SIGINFO | SA_NODEFER};
	char c;
	CHECK(!pipe(pipes));
	sigaction(SIGALRM, &sa, NULL);
	for (int i = 0; i < 20; i++) {
		ualarm(2000, 0);
		CHECK(read(pipes[0], &c, 1) == 0 && n == i + 1);
	}
	sa.sa_flags |= SA_RESTART;
	sigaction(SIGALRM, &sa, NULL);
	for (int i = 0; i < 20; i++) {
		pid_t pid = fork();
		if (!pid) {
			pause_ms(6);
			_exit(write(pipes[1], "x", 1) != 1);
		}
		n = 0;
		ualarm(2000, 0);
		CHECK(read(pipes[0], &c, 1) == 1);
		reap(pid, 0);
	}
	SHOW("done");
	return 0;
}

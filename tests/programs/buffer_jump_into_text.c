/* A handler leaves by an ordinary jump to the interrupted address, or the one behind the
 * call, whose bytes an instrumented image has changed. */
#include "check.h"

static int pipes[2];
static volatile int *n; /* signals handled; the children look at it */

static void on(int sig, siginfo_t *si, void *ctx)
{
	ucontext_t *uc = ctx;
	(void)sig;
	(void)si;
	++*n;
	jump_to_frame(uc, 0); /* no sigreturn; 0 is a result of read, and SYS_read */
}

/* Signal the parent while it sleeps in its read, not near it; when `then_write`, end the read
 * that it begins again. */
static void disturb(bool then_write)
{
	pid_t parent = getppid();
	int before = *n;
	wait_sleeping(parent);
	kill(parent, SIGALRM);
	while (*n == before)
		pause_ms(1);
	if (then_write) {
		wait_sleeping(parent);
		_exit(write(pipes[1], "x", 1) != 1);
	}
	_exit(0);
}

int main(void)
{
	struct sigaction sa = {.sa_sigaction = on, .sa_flags = SA_SIGINFO | SA_NODEFER};
	char c;
	n = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(!pipe(pipes));
	for (int i = 0; i < 40; i++) {
		bool restart = i >= 20;
		sa.sa_flags = SA_SIGINFO | SA_NODEFER | (restart ? SA_RESTART : 0);
		sigaction(SIGALRM, &sa, NULL);
		pid_t pid = fork();
		if (!pid)
			disturb(restart);
		CHECK(read(pipes[0], &c, 1) == restart && *n == i + 1);
		reap(pid, 0);
	}
	SHOW("done");
	return 0;
}

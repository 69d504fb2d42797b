/* A parent polls with WNOHANG for children with which it shares memory: some die while it stands at a station,
 * with SIGCHLD due. What it set for SIGTRAP stays as it is. */
#include "check.h"

#define KIDS 6

static void on_trap(int sig)
{
	(void)sig;
}

static void family(int *shared)
{
	int st, reaped = 0, before = *shared;
	long polls = 0;
	for (int i = 0; i < KIDS; i++) {
		if (!fork()) {
			__atomic_add_fetch(shared, 1, __ATOMIC_SEQ_CST);
			_exit(3);
		}
	}
	for (; reaped < KIDS; polls++) {
		pid_t got = waitpid(-1, &st, WNOHANG);
		CHECK(got >= 0 && (!got || (WIFEXITED(st) && WEXITSTATUS(st) == 3)));
		reaped += got > 0;
	}
	CHECK(*shared == before + KIDS);
	SHOW("%ld polls", polls);
}

int main(void)
{
	int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct sigaction sa = {.sa_handler = on_trap}, was;
	sigset_t trap, mask;
	for (int i = 0; i < 5; i++)
		family(shared);
	sigemptyset(&trap);
	sigaddset(&trap, SIGTRAP);
	CHECK(!sigaction(SIGTRAP, &sa, NULL) && !sigprocmask(SIG_BLOCK, &trap, NULL));
	for (int i = 0; i < 5; i++)
		family(shared);
	CHECK(!sigprocmask(SIG_BLOCK, NULL, &mask) && sigismember(&mask, SIGTRAP));
	CHECK(!sigaction(SIGTRAP, NULL, &was) && was.sa_handler == on_trap);
	return 0;
}

/* A handler that interrupted a call sends sigreturn to another function on another stack. */
#include "check.h"

static char stack[65536] __attribute__((aligned(16)));
static int pipes[2], futex_word;

/* Where the frame is told to return to: it makes many calls and ends the process. */
static void elsewhere(void)
{
	char c = 0;
	int p[2];
	CHECK(!pipe(p));
	for (int i = 0; i < 1000; i++) {
		c = (char)i;
		CHECK(write(p[1], &c, 1) == 1);
		CHECK(read(p[0], &c, 1) == 1 && c == (char)i);
		CHECK(getppid() > 0);
	}
	CHECK(lseek(p[0], 0, SEEK_CUR) == -1 && errno == ESPIPE);
	_exit(7);
}
static void on(int sig, siginfo_t *si, void *ctx)
{
	ucontext_t *uc = ctx;
	(void)sig;
	(void)si;
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)elsewhere;
	uc->uc_mcontext.gregs[REG_RSP] = (greg_t)(stack + sizeof(stack) - 8);
}
static void in_read(void)
{
	char c;
	CHECK(read(pipes[0], &c, 1) == -2);
}
static void in_write(void)
{
	static char big[1 << 20];
	CHECK(write(pipes[1], big, sizeof(big)) == -2);
}
static void in_futex(void)
{
	syscall(SYS_futex, &futex_word, 0 /* FUTEX_WAIT */, 0, NULL, NULL, 0);
	CHECK(0);
}
static void in_sleep(void)
{
	struct timespec ts = {30, 0};
	nanosleep(&ts, NULL);
	CHECK(0);
}
static void in_raise(void)
{
	raise(SIGALRM);
	CHECK(0);
}
static void in_unblock(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGALRM);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	CHECK(0);
}
int main(void)
{
	void (*const calls[])(void) = {in_read, in_write, in_futex, in_sleep, in_raise, in_unblock};
	struct sigaction sa = {.sa_sigaction = on, .sa_flags = SA_SIGINFO};
	for (int restart = 0; restart < 2; restart++) {
		sa.sa_flags = SA_SIGINFO | (restart ? SA_RESTART : 0);
		sigaction(SIGALRM, &sa, NULL);
		for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
			pid_t pid = fork();
			if (!pid) {
				CHECK(!pipe(pipes));
				ualarm(20000, 0);
				calls[i]();
				_exit(1);
			}
			reap(pid, 7);
			SHOW("%d %zu", restart, i);
		}
	}
	return 0;
}

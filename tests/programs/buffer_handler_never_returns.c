/* Handlers that interrupted a call and never return: longjmp, setcontext to the frame and
 * to elsewhere, swapcontext, exit, one that runs for ever. */
#include "check.h"

static sigjmp_buf back;
static ucontext_t before, other, saved;
static int pipes[2], how, rounds;
static char stack[65536];

static void make_calls(void)
{
	char c = 'x';
	int p[2];
	CHECK(!pipe(p));
	for (int i = 0; i < 200; i++)
		CHECK(write(p[1], &c, 1) == 1 && read(p[0], &c, 1) == 1);
	close(p[0]);
	close(p[1]);
}
static void on_other_stack(void)
{
	make_calls();
	_exit(7);
}
static void on(int sig, siginfo_t *si, void *ctx)
{
	(void)sig;
	(void)si;
	make_calls();
	switch (how) {
	case 0:
		siglongjmp(back, 1);
	case 1:
		setcontext(&before);
		break;
	case 2: /* behind the interrupted call, by hand: it returns 0 */
		if (rounds++ == 3)
			_exit(7);
		jump_to_frame(ctx, 0);
		break;
	case 3:
		swapcontext(&saved, &other);
		break;
	case 4:
		exit(7);
	case 5:
		for (;;)
			make_calls();
	}
	CHECK(0);
}
static void child(void)
{
	volatile int n = 0;
	char c;
	if (how == 3) {
		getcontext(&other);
		other.uc_stack.ss_sp = stack;
		other.uc_stack.ss_size = sizeof(stack);
		makecontext(&other, on_other_stack, 0);
	}
	if (how == 0) {
		while (n < 5 && sigsetjmp(back, 1)) {
			n++;
			ualarm(5000, 0);
			make_calls();
		}
	} else if (how == 1) {
		getcontext(&before);
		n++;
		make_calls();
	}
	if (n > 4)
		_exit(7);
	if (how == 2) { /* the next signal comes when this one's calls are made, however long they take */
		struct sigaction sa = {.sa_sigaction = on, .sa_flags = SA_SIGINFO};
		sigaction(SIGALRM, &sa, NULL);
	}
	ualarm(5000, how == 2 ? 5000 : 0);
	for (;;)
		CHECK(read(pipes[0], &c, 1) == (how == 2 ? 0 : -1));
}
int main(void)
{
	struct sigaction sa = {.sa_sigaction = on, .sa_flags = SA_SIGINFO | SA_NODEFER};
	CHECK(!pipe(pipes));
	sigaction(SIGALRM, &sa, NULL);
	for (how = 0; how < 6; how++) {
		pid_t pid = fork();
		if (!pid)
			child();
		if (how < 5) {
			reap(pid, 7);
		} else {
			int st;
			pause_ms(50);
			kill(pid, SIGKILL);
			CHECK(waitpid(pid, &st, 0) == pid && WIFSIGNALED(st));
		}
		SHOW("%d", how);
	}
	return 0;
}

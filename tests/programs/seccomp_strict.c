/* Strict mode: read, write, exit and sigreturn go on; another call kills the thread. */
#include "filter.h"

static char buf[4];
static int p[2];

static void *strict_thread(void *arg)
{
	if (!prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
		syscall(SYS_getppid);
	return arg;
}

static pid_t begin(void (*what)(void))
{
	pid_t c = fork();
	if (!c) {
		what();
		_exit(5);
	}
	return c;
}

static void ends(void)
{
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) || read(p[0], buf, 4) != 4 || write(1, buf, 4) != 4)
		return;
	syscall(SYS_exit, 3);
}

static void breaks_it(void)
{
	if (!syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL))
		syscall(SYS_getppid);
}

static void breaks_it_in_a_thread(void)
{
	pthread_t t;
	pthread_create(&t, NULL, strict_thread, NULL);
	pthread_join(t, NULL);
	_exit(6);
}

int main(void)
{
	int st;
	CHECK(!pipe(p));
	pid_t c = begin(ends);
	pause_ms(10); /* it waits in read */
	CHECK(write(p[1], "abc\n", 4) == 4);
	reap(c, 3);
	c = begin(breaks_it);
	CHECK(waitpid(c, &st, 0) == c && WIFSIGNALED(st) && WTERMSIG(st) == SIGKILL);
	reap(begin(breaks_it_in_a_thread), 6);
	return 0;
}

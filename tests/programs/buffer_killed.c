/* build: -lpthread */
/* Tasks that end in the middle: a process killed, exec by another thread, vfork and
 * CLONE_VM children, fork with calls in the buffer, a thread that exits. */
#include "check.h"

static char clone_stack[65536] __attribute__((aligned(16)));
static volatile int shared;

static void calls(int n)
{
	for (int i = 0; i < n; i++)
		CHECK(getppid() >= 0);
}
static int clone_child(void *arg)
{
	(void)arg;
	calls(100);
	shared = getpid();
	return 3;
}
static void *execs(void *arg)
{
	calls(50);
	execl("/proc/self/exe", "self", (char *)arg, NULL);
	return NULL;
}
static void *short_life(void *arg)
{
	calls((int)(long)arg);
	syscall(SYS_exit, 0);
	return NULL;
}
static void *killer(void *arg)
{
	(void)arg;
	calls(100);
	syscall(SYS_tgkill, getpid(), getpid(), SIGKILL);
	for (;;)
		calls(1);
}
int main(int argc, char **argv)
{
	pthread_t t;
	int st;
	if (argc > 1) {
		calls(10);
		return atoi(argv[1]);
	}
	calls(1000);
	for (int i = 0; i < 3; i++) { /* fork with calls in the buffer, on both sides */
		pid_t pid = fork();
		calls(pid ? 300 : 500);
		if (!pid)
			_exit(i);
		reap(pid, i);
	}
	for (int i = 0; i < 5; i++) { /* SIGKILL while it makes calls */
		pid_t pid = fork();
		if (!pid)
			for (;;)
				calls(1);
		pause_ms(i);
		kill(pid, SIGKILL);
		CHECK(waitpid(pid, &st, 0) == pid && WIFSIGNALED(st) && WTERMSIG(st) == SIGKILL);
	}
	pid_t pid = fork();
	if (!pid) {
		pthread_create(&t, NULL, killer, NULL);
		for (;;)
			calls(1);
	}
	CHECK(waitpid(pid, &st, 0) == pid && WIFSIGNALED(st));
	pid = fork();
	if (!pid) {
		pthread_create(&t, NULL, execs, "4");
		for (;;)
			pause();
	}
	reap(pid, 4);
	pid = vfork();
	if (!pid) {
		calls(20);
		int fd = open("/dev/null", O_RDONLY);
		close(fd);
		execl("/proc/self/exe", "self", "6", NULL);
		_exit(1);
	}
	calls(20);
	reap(pid, 6);
	pid = clone(clone_child, clone_stack + sizeof(clone_stack), CLONE_VM | SIGCHLD, NULL);
	CHECK(pid > 0);
	reap(pid, 3);
	CHECK(shared == pid);
	for (long i = 0; i < 10; i++) {
		pthread_create(&t, NULL, short_life, (void *)(i * 10));
		calls(5);
		CHECK(!pthread_join(t, NULL));
	}
	SHOW("done");
	return 0;
}

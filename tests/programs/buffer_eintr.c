/* EINTR and SA_RESTART, restart_syscall, the masks of ppoll and pselect, a storm of signals
 * from another process during a loop of reads. */
#include "check.h"

static volatile int count;
static int pipes[2];
static void on(int sig)
{
	(void)sig;
	count++;
}
static void handle(int flags)
{
	struct sigaction sa = {.sa_handler = on, .sa_flags = flags};
	CHECK(!sigaction(SIGALRM, &sa, NULL) && !sigaction(SIGUSR1, &sa, NULL));
}
/* Send SIGALRM and later a byte. */
static pid_t poke(int signals)
{
	pid_t pid = fork(), parent = getppid();
	if (pid)
		return pid;
	parent = getppid();
	for (int i = 0; i < signals; i++) {
		wait_sleeping(parent);
		kill(parent, SIGALRM);
	}
	wait_sleeping(parent);
	CHECK(write(pipes[1], "y", 1) == 1);
	_exit(0);
}
static void reads(void)
{
	char c;
	handle(0);
	pid_t pid = poke(1);
	CHECK(read(pipes[0], &c, 1) == -1 && errno == EINTR && count == 1);
	CHECK(read(pipes[0], &c, 1) == 1);
	reap(pid, 0);
	handle(SA_RESTART);
	pid = poke(3);
	CHECK(read(pipes[0], &c, 1) == 1 && count == 4);
	reap(pid, 0);
	SHOW("reads %d", count);
}
static void restarts(void)
{
	struct timespec ts = {0, 80000000}, left = {0, 0};
	pid_t parent = getpid(), pid = fork();
	if (!pid) {
		for (int i = 0; i < 3; i++) {
			pause_ms(10);
			kill(parent, SIGSTOP);
			pause_ms(2);
			kill(parent, SIGCONT);
		}
		_exit(0);
	}
	CHECK(!nanosleep(&ts, &left)); /* goes on by restart_syscall */
	reap(pid, 0);
	struct pollfd p = {pipes[0], POLLIN, 0};
	pid = fork();
	if (!pid) {
		pause_ms(10);
		kill(parent, SIGSTOP);
		pause_ms(2);
		kill(parent, SIGCONT);
		pause_ms(10);
		CHECK(write(pipes[1], "z", 1) == 1);
		_exit(0);
	}
	CHECK(poll(&p, 1, 5000) == 1);
	char c;
	CHECK(read(pipes[0], &c, 1) == 1);
	reap(pid, 0);
	SHOW("restarts");
}
static void masks(void)
{
	sigset_t block, none;
	struct timespec zero = {0, 0}, second = {1, 0};
	struct pollfd p = {pipes[0], POLLIN, 0};
	fd_set set;
	sigemptyset(&none);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigprocmask(SIG_BLOCK, &block, NULL);
	count = 0;
	raise(SIGUSR1);
	CHECK(ppoll(&p, 1, &zero, NULL) == 0 && count == 0);
	CHECK(ppoll(&p, 1, &second, &none) == -1 && errno == EINTR && count == 1);
	raise(SIGUSR1);
	FD_ZERO(&set);
	FD_SET(pipes[0], &set);
	CHECK(pselect(pipes[0] + 1, &set, NULL, NULL, &zero, NULL) == 0 && count == 1);
	FD_SET(pipes[0], &set);
	CHECK(pselect(pipes[0] + 1, &set, NULL, NULL, &second, &none) == -1 && errno == EINTR && count == 2);
	sigprocmask(SIG_UNBLOCK, &block, NULL);
	SHOW("masks %d", count);
}
static void storm(void)
{
	int fd = open("/dev/zero", O_RDONLY), done = 0;
	char buf[16];
	pid_t parent = getpid();
	count = 0;
	handle(SA_RESTART);
	pid_t pid = fork();
	if (!pid) {
		for (int i = 0; i < 10000; i++)
			kill(parent, SIGUSR1);
		_exit(0);
	}
	long reads = 0;
	while (!done) {
		for (int i = 0; i < 50; i++, reads++)
			CHECK(read(fd, buf, sizeof(buf)) == sizeof(buf));
		done = waitpid(pid, NULL, WNOHANG) == pid;
	}
	CHECK(count > 0 && count <= 10000);
	SHOW("storm %d %ld", count, reads);
}
int main(void)
{
	CHECK(!pipe(pipes));
	reads();
	restarts();
	masks();
	storm();
	return 0;
}

/* Three children: one of vfork that ends, one that executes /bin/true, one of fork that is killed. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int shared;

static int last_steps(void)
{
	return shared + 1; /* last: first */
}

int main(void)
{
	int status;
	pid_t pid = vfork(); /* main: vfork */
	if (!pid) {
		shared = 6; /* child: shared */
		_exit(3);
	}
	waitpid(pid, &status, 0); /* main: waits */
	pid = vfork();
	if (!pid) {
		execl("/bin/true", "true", NULL);
		_exit(9);
	}
	waitpid(pid, &status, 0);
	pid = fork();
	if (!pid)
		for (;;)
			pause();
	kill(pid, SIGKILL); /* main: kill */
	waitpid(pid, &status, 0);
	printf("%d %d\n", WTERMSIG(status), last_steps());
	return 0;
}

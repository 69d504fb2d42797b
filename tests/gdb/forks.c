/* A child that computes and ends, and one that executes /bin/true. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int compute(int n)
{
	int square = n * n; /* compute: first */
	return square + 1;
}

int main(void)
{
	int status, a;
	pid_t pid = fork(); /* main: fork */
	if (!pid)
		_exit(compute(4)); /* child: compute */
	waitpid(pid, &status, 0); /* main: wait */
	a = compute(WEXITSTATUS(status));
	pid = fork();
	if (!pid) {
		execl("/bin/true", "true", NULL);
		_exit(9);
	}
	waitpid(pid, &status, 0);
	printf("%d %d\n", a, WEXITSTATUS(status)); /* main: print */
	return 0;
}

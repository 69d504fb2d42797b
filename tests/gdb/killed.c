/* A child that never ends by itself is killed by its parent in the middle of a loop. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

volatile long rounds;

static void loop(void)
{
	for (;;)
		rounds++;
}

int main(int argc, char **argv)
{
	int ready[2];
	char c;
	(void)argv;
	if (pipe(ready))
		return 1;
	pid_t child = fork();
	if (!child) {
		write(ready[1], "", 1);
		loop();
	}
	read(ready[0], &c, 1);
	usleep(20000);
	kill(child, argc > 1 ? SIGKILL : SIGTERM);
	wait(NULL);
	return 0;
}

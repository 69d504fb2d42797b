/* Buffered and traced calls: getppid (raw), write to a file, a pipe, nanosleep that waits. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int pair[2];

static long ask(void)
{
	long id = syscall(SYS_getppid); /* ask: call */
	return id;
}

static void talk(void)
{
	char c = 0;
	write(pair[1], "x", 1); /* talk: write */
	read(pair[0], &c, 1);
	if (c != 'x')
		_exit(3);
}

static void wait_a_bit(void)
{
	struct timespec ts = {0, 20000000};
	nanosleep(&ts, NULL); /* wait: call */
}

int main(void)
{
	long id = ask(); /* main: first */
	if (pipe(pair))
		return 2;
	talk();
	wait_a_bit(); /* main: wait */
	long again = ask();
	write(1, "out\n", 4); /* main: write */
	return id != again; /* main: last */
}

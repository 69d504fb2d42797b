/* Two processes write to their output, by several kinds of calls; what is written goes to other files too. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static char big[200000];

int main(void)
{
	struct iovec two[2] = {{"vector one, ", 12}, {"vector two\n", 11}};
	if (write(1, "plain\n", 6) != 6)
		return 1;
	if (writev(1, two, 2) != 23)
		return 1;
	if (!fork())
		_exit(write(2, "child\n", 6) != 6);
	wait(NULL);
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\n';
	if (write(1, big, sizeof(big)) != sizeof(big))
		return 1;
	int fd = open("/dev/zero", O_WRONLY);
	if (write(fd, "nobody sees it\n", 15) != 15)
		return 1;
	return write(1, "last\n", 5) != 5; /* main: last */
}

/* exec of a script with an interpreter line. */
#include "check.h"

int main(void)
{
	char name[] = "/tmp/reprise-script-XXXXXX";
	int fd = mkstemp(name);
	dprintf(fd, "#!/bin/sh\necho script $1\nexit 4\n");
	fchmod(fd, 0755);
	close(fd);
	pid_t p = fork();
	if (!p) {
		execl(name, name, "arg", NULL);
		_exit(1);
	}
	reap(p, 4);
	unlink(name);
	return 0;
}

/* execveat on a descriptor. */
#include "check.h"

extern char **environ;
int main(void)
{
	int fd = open("/bin/echo", O_RDONLY | O_CLOEXEC);
	char *argv[] = {"echo", "by descriptor", NULL};
	fexecve(fd, argv, environ);
	return 1;
}

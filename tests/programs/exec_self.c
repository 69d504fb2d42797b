/* exec with arguments and environment, several times. */
#include "check.h"

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 0;
	char num[16], *args[] = {argv[0], num, NULL}, *env[] = {"COLOR=blue", NULL};
	SHOW("pass %d pid %d color %s", n, getpid(), getenv("COLOR") ? getenv("COLOR") : "none");
	if (n == 3)
		return 0;
	snprintf(num, sizeof(num), "%d", n + 1);
	execve("/proc/self/exe", args, env);
	return 1;
}

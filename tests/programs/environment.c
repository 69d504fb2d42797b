/* Arguments and environment, many and large. */
#include "check.h"

int main(int argc, char **argv)
{
	if (argc > 1) {
		SHOW("%d %zu %zu", argc, strlen(argv[1]), strlen(getenv("BIG")));
		return 0;
	}
	static char big[100001], env[100005] = "BIG=";
	memset(big, 'a', 100000);
	memset(env + 4, 'b', 100000);
	char *args[300] = {argv[0]}, *envp[] = {env, NULL};
	for (int i = 1; i < 299; i++)
		args[i] = i == 1 ? big : "x";
	execve("/proc/self/exe", args, envp);
	return 1;
}

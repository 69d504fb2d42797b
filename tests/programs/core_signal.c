/* A child dies of a core-dumping signal. */
#include "check.h"

int main(void)
{
	struct rlimit none = {0, 0};
	setrlimit(RLIMIT_CORE, &none);
	pid_t p = fork();
	if (!p)
		abort();
	int st;
	CHECK(waitpid(p, &st, 0) == p && WIFSIGNALED(st) && WTERMSIG(st) == SIGABRT);
	return 0;
}

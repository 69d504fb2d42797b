/* clone with CLONE_VM but no thread: two processes, one memory. */
#include "check.h"

static int shared;
static int child(void *arg)
{
	shared = *(int *)arg + 1;
	return 9;
}
int main(void)
{
	char *stack = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int in = 10;
	pid_t p = clone(child, stack + 65536, CLONE_VM | SIGCHLD, &in);
	reap(p, 9);
	CHECK(shared == 11);
	return 0;
}

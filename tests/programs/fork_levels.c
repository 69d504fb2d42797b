/* Sixty-four processes, each the child of the one before and waiting for its own: at the end they go one by one. */
#include "check.h"

#define LEVELS 64

int main(void)
{
	int status;
	for (int level = 0; level < LEVELS; level++) {
		pid_t p = fork();
		if (!p)
			continue;
		CHECK(waitpid(p, &status, 0) == p && WIFEXITED(status));
		if (level)
			return WEXITSTATUS(status) + 1;
		CHECK(WEXITSTATUS(status) == LEVELS - 1);
		puts("all came back");
		return 0;
	}
	return 0;
}

/* getrlimit, setrlimit, prlimit. */
#include "check.h"

int main(void)
{
	struct rlimit l, n = {64, 64};
	CHECK(!getrlimit(RLIMIT_NOFILE, &l) && !setrlimit(RLIMIT_NOFILE, &n));
	CHECK(dup2(1, 100) == -1 && errno == EBADF);
	CHECK(!prlimit(0, RLIMIT_CORE, NULL, &l));
	SHOW("%ld", (long)l.rlim_cur);
	return 0;
}

/* What tests/run gives to every test: signals, mask, limits, umask, locale, environment and session do
 * not depend on who started it (tests/conditions.py; tests/cli/runner_conditions.sh starts it badly). */
#include "check.h"

#include <sys/resource.h>
#include <sys/stat.h>

static rlim_t soft(int which)
{
	struct rlimit l;
	CHECK(!getrlimit(which, &l));
	return l.rlim_cur;
}

int main(void)
{
	sigset_t mask;
	CHECK(!sigprocmask(SIG_BLOCK, NULL, &mask));
	for (int s = 1; s <= SIGRTMAX; s++) {
		struct sigaction a;
		if (sigaction(s, NULL, &a))
			continue; /* of the C library */
		CHECK(a.sa_handler == SIG_DFL);
		CHECK(!sigismember(&mask, s));
	}
	CHECK(soft(RLIMIT_NOFILE) == 1024 && soft(RLIMIT_STACK) == 8 << 20 && soft(RLIMIT_CORE) == 0);
	CHECK(umask(0) == 022);
	CHECK(!strcmp(getenv("LANG"), "C.UTF-8") && !getenv("LC_ALL") && !getenv("LC_CTYPE") && !strcmp(getenv("TZ"), "UTC"));
	CHECK(!getenv("SOMEBODYS_OWN"));
	CHECK(open("/dev/tty", O_RDWR) < 0);
	return 0;
}

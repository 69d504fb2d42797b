/* posix_spawn (clone with CLONE_VM and CLONE_VFORK). */
#include "check.h"

#include <spawn.h>
extern char **environ;
int main(void)
{
	pid_t p;
	char *argv[] = {"echo", "spawned", NULL};
	CHECK(!posix_spawn(&p, "/bin/echo", NULL, NULL, argv, environ));
	reap(p, 0);
	char *none[] = {"nothing", NULL};
	CHECK(posix_spawn(&p, "/nonexistent/program", NULL, NULL, none, environ) == ENOENT);
	return 0;
}

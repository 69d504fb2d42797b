# The 60 calls with which posix_spawn's child puts its actions for signals in order are buffered: in spite of the
# memory that it shares, its actions are its own.
cat > spawn.c <<'C'
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	char *argv[] = {"true", 0};
	posix_spawnattr_t a;
	sigset_t all;
	pid_t p;
	int status;
	signal(SIGHUP, SIG_IGN);
	sigfillset(&all);
	posix_spawnattr_init(&a);
	posix_spawnattr_setsigdefault(&a, &all);
	posix_spawnattr_setflags(&a, POSIX_SPAWN_SETSIGDEF);
	for (int i = 0; i < 20; i++)
		if (posix_spawn(&p, "/bin/true", 0, &a, argv, environ) || waitpid(p, &status, 0) != p || status)
			return 1;
	return 0;
}
C
cc -D_GNU_SOURCE -o spawn spawn.c
$REPRISE record --stats -o t ./spawn 2> stats
calls=$(grep -o '[0-9]* system calls' stats | cut -d' ' -f1) stops=$(grep -o '[0-9]* stops,' stats | cut -d' ' -f1)
[ "$calls" -gt 2000 ] && [ "$stops" -lt 1000 ] || { cat stats; exit 1; }
$REPRISE replay -a t

# What a tracer inside a recording cannot have is not permitted, and the user is told once which request that was: here,
# to trace a process that is not recorded.
cat > p.c <<'C'
#include <errno.h>
#include <stdlib.h>
#include <sys/ptrace.h>
int main(int argc, char **argv)
{
	for (int i = 0; i < 3; i++)
		if (argc != 2 || ptrace(PTRACE_ATTACH, atoi(argv[1]), 0, 0) != -1 || errno != EPERM)
			return 1;
	return 0;
}
C
cc p.c -o p
$REPRISE record -o t ./p $$ 2> err
[ "$(grep -c 'wants to trace processes by request 0x10 ' err)" = 1 ] || { cat err; exit 1; }
$REPRISE replay -a t

# A debugger inside a recording is not permitted to trace, and the user is told once why.
cat > p.c <<'C'
#include <errno.h>
#include <sys/ptrace.h>
int main(void)
{
	for (int i = 0; i < 3; i++)
		if (ptrace(PTRACE_TRACEME, 0, 0, 0) != -1 || errno != EPERM)
			return 1;
	return 0;
}
C
cc p.c -o p
$REPRISE record -o t ./p 2> err
[ "$(grep -c 'wants to trace processes' err)" = 1 ] || { cat err; exit 1; }
$REPRISE replay -a t

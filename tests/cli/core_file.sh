# The core file of a recorded program says where in the program it was, not in which stub: gdb unwinds from there.
read -r pattern < /proc/sys/kernel/core_pattern
[ "$pattern" = core ] || { echo "skipped: core files go to $pattern here"; exit 0; }
cat > fall.c <<'C'
#include <stdlib.h>
static int __attribute__((noinline)) fall_down(int depth)
{
	if (!depth)
		abort();
	return fall_down(depth - 1) + 1;
}
int main(void)
{
	return fall_down(3);
}
C
cc -g -O0 -o fall fall.c
ulimit -c unlimited
status=0
$REPRISE record -o t ./fall || status=$?
[ "$status" = 134 ] && [ -s core ]
gdb -nx -batch -ex bt ./fall core > bt 2>&1
[ "$(grep -c fall_down bt)" = 4 ] && grep -q ' main ' bt || { cat bt; exit 1; }
rm core
status=0
$REPRISE replay -a t || status=$?
[ "$status" = 134 ] && [ ! -e core ]

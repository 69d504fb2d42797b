# Conditions of breakpoints and dprintf are evaluated by the server, forwards and backwards.
cat > p.c <<'C'
#include <stdio.h>
static volatile int sum;
static const char *const names[] = {"zero", "one", "two"};
__attribute__((noinline)) int f(int n, const char *name)
{
	sum += n * name[0];
	return sum;
}
int main(void)
{
	for (int i = 0; i < 1000; i++)
		f(i, names[i % 3]);
	printf("%d\n", sum);
	return 0;
}
C
cc -g -O0 p.c -o p
$REPRISE record -o t ./p > out || exit 1
cat > commands <<'GDB'
set breakpoint condition-evaluation target
set dprintf-style agent
break f if n == 900
dprintf 7,"%s has %d\n",name,n
condition 2 n > 897 && n < 902
continue
print n
continue
info breakpoints
break f if n == 700 || n == 300
reverse-continue
print n
reverse-continue
print n
reverse-continue
print n
GDB
timeout 50 $REPRISE replay t -- -batch -x commands > said 2>&1
grep -Eo '^\$.*|^[a-z]+ has.*|^Breakpoint [0-9]*, f .n=[0-9]*|^No more.*|stop only.*' said > got
cat > want <<'E'
one has 898
two has 899
Breakpoint 1, f (n=900
$1 = 900
zero has 900
one has 901
No more reverse-execution history.
stop only if n == 900 (target evals)
stop only if n > 897 && n < 902 (target evals)
Breakpoint 1, f (n=900
$2 = 900
Breakpoint 3, f (n=700
$3 = 700
Breakpoint 3, f (n=300
$4 = 300
E
diff want got || { cat said; exit 1; }

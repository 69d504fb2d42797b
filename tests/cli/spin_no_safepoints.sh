# Loops that nothing counts (--no-buffer instruments nothing) are interrupted all the same, for others and for signals.
cat > w.c <<'C'
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
static volatile int go;
static volatile long n;
static void *f(void *p) { usleep(1000); go = 1; return p; }
int main(void) { pthread_t t; pthread_create(&t, 0, f, 0); while (!go) n++; printf("%ld\n", n); return 0; }
C
cat > s.c <<'C'
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
static volatile int go;
static void on(int sig) { go += sig; }
int main(void) { long n = 0; signal(SIGALRM, on); ualarm(1000, 1000); while (go < 30) n++; printf("%ld\n", n); return 0; }
C
for p in w s; do
	cc -O1 -pthread $p.c -o $p
	for i in 1 2 3 4; do # the signals' phase differs
		rm -rf t$p
		$REPRISE record --no-buffer --stats -o t$p ./$p > out 2> stats
		grep -qE ' [1-9][0-9]* in code without' stats
		$REPRISE replay -a t$p | cmp - out
	done
	$REPRISE dump t$p | grep 'found by its state'
done

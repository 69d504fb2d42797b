# A thread that yields lets the others of its process go on: threads that take turns by yielding need few calls.
cat > p.c <<'C'
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
static _Atomic int turn;
static void *body(void *p)
{
	for (int i = 0; i < 1000; i++) {
		while (turn != (int)(long)p)
			sched_yield();
		turn = !turn;
	}
	return p;
}
int main(void)
{
	pthread_t t[2];
	for (long i = 0; i < 2; i++)
		pthread_create(&t[i], 0, body, (void *)i);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], 0);
	puts("done");
	return 0;
}
C
cc -O1 -pthread p.c -o p
$REPRISE record --stats -o t ./p > out 2> err
grep -qx done out
stops=$(sed -n 's/^reprise: \([0-9]*\) stops.*/\1/p' err)
[ "$stops" -lt 20000 ] || { echo "$stops stops"; exit 1; }
$REPRISE replay -a t | cmp - out
# Yielding for ever, to others that yield too, and to one that computes.
cat > q.c <<'C'
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
static volatile int done;
static void *yields(void *p)
{
	while (!done)
		sched_yield();
	return p;
}
int main(void)
{
	pthread_t t[2];
	unsigned h = 1;
	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], 0, yields, 0);
	for (int i = 0; i < 300000; i++)
		h = h * 31 + i + done;
	done = 1;
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], 0);
	printf("%u\n", h);
	return 0;
}
C
cc -O1 -pthread q.c -o q
$REPRISE record -o t2 ./q > out
$REPRISE replay -a t2 | cmp - out

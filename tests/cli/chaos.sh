# Three bugs that depend on the schedule show with --chaos, and replay. Each program tries until its bug
# shows, so often that chance cannot fail this test: one try in 1 to 12 shows it, on average. A try is a process of
# its own where the bug needs what happens once in a process (the dynamic linker finds functions).
cat > lost.c <<'C'
/* An update is lost when a thread is interrupted between load and store, where a recording
 * without --chaos has no place to interrupt it. */
#include <pthread.h>
#include <stdio.h>
static volatile long balance;
static void *pay(void *p)
{
	for (int i = 0; i < 1000; i++) {
		long b = balance;
		balance = b + 1;
	}
	return 0;
}
int main(void)
{
	for (int try = 0; try < 500; try++) {
		pthread_t t[2];
		balance = 0;
		for (int i = 0; i < 2; i++)
			pthread_create(&t[i], 0, pay, 0);
		for (int i = 0; i < 2; i++)
			pthread_join(t[i], 0);
		if (balance != 2000)
			return printf("%ld\n", balance), 1;
	}
	return 0;
}
C
cat > order.c <<'C'
/* The thread uses the table without waiting until it is made: so it must be made within 20 ms. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
static int *volatile table;
static volatile int bad;
static void *use(void *p) { usleep(20000); int *t = table; bad = !t || t[7] != 7; return p; }
static int once(void)
{
	pthread_t t;
	pthread_create(&t, 0, use, 0);
	int *mine = malloc(8 * sizeof(int));
	for (int i = 0; i < 8; i++)
		mine[i] = i;
	table = mine;
	pthread_join(t, 0);
	return bad;
}
int main(void)
{
	int st = 0;
	for (int try = 0; try < 500 && !st; try++) {
		if (!fork())
			_exit(once());
		wait(&st);
	}
	puts(st ? "used before it was made" : "fine");
	return st != 0;
}
C
cat > wakeup.c <<'C'
/* A wake-up is missed when it comes between the look at `ready` and the wait. */
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static volatile int ready;
static void *wait_for(void *p)
{
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec += 2;
	if (!ready) { /* looked at without the mutex */
		pthread_mutex_lock(&m);
		if (pthread_cond_timedwait(&c, &m, &ts))
			*(int *)p = 1;
		pthread_mutex_unlock(&m);
	}
	return 0;
}
static int once(void)
{
	pthread_t t;
	int missed = 0;
	pthread_create(&t, 0, wait_for, &missed);
	struct timespec a = {0, 30000000};
	nanosleep(&a, 0);
	ready = 1;
	pthread_cond_signal(&c);
	pthread_join(t, 0);
	return missed;
}
int main(void)
{
	int st = 0;
	for (int try = 0; try < 500 && !st; try++) {
		if (!fork())
			_exit(once());
		wait(&st);
	}
	puts(st ? "missed" : "woken");
	return st != 0;
}
C
for p in lost order wakeup; do
	cc -O1 -pthread $p.c -o $p
	code=0
	timeout 100 $REPRISE record --chaos=1 -o t ./$p > out 2> err || code=$?
	[ $code = 1 ] || { echo "$p: status $code"; cat out err; exit 1; }
	for i in 1 2; do
		code=0
		timeout 100 $REPRISE replay -a t > again || code=$?
		[ $code = 1 ] && cmp -s out again || { echo "$p replays differently"; exit 1; }
	done
	rm -r t
done
# Without --chaos no update is lost: it is chaos that finds it.
$REPRISE record -o t ./lost

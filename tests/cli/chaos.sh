# Three bugs that depend on the schedule, never seen natively, show with --chaos, and replay.
cat > lost.c <<'C'
#include <pthread.h>
#include <stdio.h>
static volatile long balance;
static void *pay(void *p) { for (int i = 0; i < 100; i++) { long b = balance; balance = b + 1; } return p; }
int main(void)
{
	pthread_t t[2];
	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], 0, pay, 0), pthread_join(t[i], 0); /* warm */
	balance = 0;
	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], 0, pay, 0);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], 0);
	printf("%ld\n", balance);
	return balance != 200;
}
C
cat > order.c <<'C'
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static int *volatile table;
static volatile int bad;
static void *use(void *p) { usleep(20000); int *t = table; bad = !t || t[7] != 7; return p; }
int main(void)
{
	pthread_t t;
	pthread_create(&t, 0, use, 0);
	int *mine = malloc(8 * sizeof(int));
	for (int i = 0; i < 8; i++)
		mine[i] = i;
	table = mine;
	pthread_join(t, 0);
	puts(bad ? "used before it was made" : "fine");
	return bad;
}
C
cat > wakeup.c <<'C'
#include <pthread.h>
#include <stdio.h>
#include <time.h>
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
int main(void)
{
	pthread_t t;
	int missed = 0;
	pthread_create(&t, 0, wait_for, &missed);
	struct timespec a = {0, 30000000};
	nanosleep(&a, 0);
	ready = 1;
	pthread_cond_signal(&c);
	pthread_join(t, 0);
	puts(missed ? "missed" : "woken");
	return missed;
}
C
for p in lost order wakeup; do
	cc -O1 -pthread $p.c -o $p
	for i in $(seq 20); do ./$p > /dev/null || { echo "$p fails natively"; exit 1; }; done
	n=0
	while [ $n -lt 150 ]; do # 5 to 20 do on average; chance must not fail this test
		rm -rf t
		code=0
		timeout 30 $REPRISE record --chaos=$n -o t ./$p > out 2> err || code=$?
		[ $code = 0 ] || break
		n=$((n + 1))
	done
	[ $code = 1 ] || { echo "$p: status $code after $n recordings"; cat err; exit 1; }
	for i in 1 2; do
		code=0
		timeout 30 $REPRISE replay -a t > again || code=$?
		[ $code = 1 ] && cmp -s out again || { echo "$p replays differently"; exit 1; }
	done
	echo "$p: after $n recordings"
done

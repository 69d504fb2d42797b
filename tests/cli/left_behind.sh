# A recording ends when the first process has; what that left behind is ended and counted. With --wait it goes on.
expect() { # STATUS WHAT the recorder must say (empty: nothing); the replay must be the same
	[ $code = $1 ] && [ "$(sed 's/;.*//' err)" = "${2:+reprise: $2}" ] ||
		{ echo "status $code, expected $1 and '$2'; it says:"; cat err; exit 1; }
	code2=0; $REPRISE replay -a t > out2 || code2=$?
	[ $code = $code2 ] && cmp out out2 || { echo "replay: $code2"; exit 1; }
}
record() { # ARGUMENTS for bash, or options first
	rm -rf t; code=0
	timeout -k 2 60 $REPRISE record --verify=20 -o t "$@" > out 2> err || code=$?
}

# Daemons that wait; what they wrote before is kept.
record bash -c 'for i in 1 2; do { echo a; echo b; exec sleep 1000; } & done
	until [ $(wc -l < out) = 4 ]; do :; done; exit 5'
expect 5 "ended 2 processes that the command had left behind (sleep, sleep)"

# One that never waits is ended as well, and nothing of its output is missing.
record bash -c '(while :; do echo $((i++)); done) & echo started'
expect 0 "ended 1 process that the command had left behind (bash)"

# One that makes no calls either, and one that is stopped.
record bash -c '(while :; do :; done) & (kill -STOP $BASHPID; echo never) &
	until grep -q "State:.T" /proc/$!/status; do :; done'
[ ! -s out ]
expect 0 "ended 2 processes that the command had left behind (bash, bash)"

# What the end of the first process sets off happens still.
record bash -c 'exec > >(sed s/^/line\ / | cat); echo one; echo two; exit 6'
printf 'line one\nline two\n' > want
cmp out want
expect 6 ""

# Nothing is left.
record bash -c 'sleep 0.1 & echo done; wait'
expect 0 ""

# To the last.
record --wait bash -c '(sleep 0.5; echo late; exit 4) & echo first; exit 3'
printf 'first\nlate\n' > want
cmp out want
expect 3 ""

# A process group and session of its own, threads, and a child of its own.
cat > d.c <<'C'
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
static void *thread(void *a)
{
	pause();
	return a;
}
int main(void)
{
	pthread_t t;
	if (daemon(1, 1) < 0)
		return 1;
	pthread_create(&t, NULL, thread, NULL);
	if (!fork())
		pause();
	puts("serving");
	fflush(stdout);
	pause();
}
C
cc -O1 -o d d.c -pthread
record ./d
[ "$(cat out)" = serving ]
expect 0 "ended 2 processes that the command had left behind (d, d)"

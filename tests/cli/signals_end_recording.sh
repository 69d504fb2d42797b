# SIGTERM, SIGINT and SIGHUP to the recorder end a recording whatever the command thinks of them, and the
# trace replays to there.
cat > p.c <<'C'
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
static void *spins(void *arg)
{
	for (volatile long n = 0;; n++)
		;
	return arg;
}
int main(int argc, char **argv)
{
	pthread_t t;
	sigset_t all;
	sigfillset(&all);
	signal(SIGTERM, SIG_IGN), signal(SIGINT, SIG_IGN), signal(SIGHUP, SIG_IGN);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	if (argc > 1)
		pthread_create(&t, NULL, spins, NULL);
	if (!fork())
		for (;;)
			pause();
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
C
cc -pthread p.c -o p
mkfifo ready
for what in "TERM spin" INT HUP; do
	set -- $what; sig=$1 arg=${2:-}
	rm -rf t
	timeout -k 2 60 env $REPRISE record -o t ./p $arg > ready 2> err &
	outer=$!
	read -r line < ready
	[ "$line" = ready ] || { echo "no start: $line"; cat err; exit 1; }
	# `timeout` starts the recorder, which does not have the name of the program.
	pid=$(pgrep -P $outer)
	kill -$sig $pid
	set +e; wait $outer; c=$?; set -e
	[ $c = 137 ] && grep -q 'did not end the command' err || { echo "$sig $arg: status $c"; cat err; exit 1; }
	set +e; $REPRISE replay -a t > out; c=$?; set -e
	[ $c = 137 ] && [ "$(cat out)" = ready ] || { echo "$sig $arg: replay $c"; exit 1; }
done

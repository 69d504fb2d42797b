# With --chaos threads are stepped on, from calls that the recorder answers itself too. Other stops may come first (here: of
# SIGCONT, which a child sends all the time); the program never sees a trap of these steps.
cat > ask.c <<'C'
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
static void *ask(void *p)
{
	cpu_set_t set;
	for (int i = 0; i < 300; i++)
		if (sched_getaffinity(0, sizeof(set), &set))
			abort();
	return p;
}
static volatile int turns;
static void *yield(void *p)
{
	for (int i = 0; i < 100; i++) {
		turns++;
		sched_yield();
	}
	return p;
}
int main(int argc, char **argv)
{
	pthread_t t[3];
	(void)argv;
	pid_t parent = getpid(), child = fork();
	if (!child)
		for (;;)
			if (usleep(30) || kill(parent, SIGCONT) || getppid() != parent)
				_exit(0);
	void *(*body)(void *) = argc > 1 ? yield : ask;
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, body, NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	kill(child, SIGKILL);
	wait(NULL);
	puts("fine");
	return 0;
}
C
cc -pthread ask.c -o ask
for seed in 1 2; do
	for what in "" yield; do
		timeout 50 $REPRISE record --chaos=$seed -o t ./ask $what > out
		grep -q fine out
		timeout 50 $REPRISE replay -a t | cmp out -
		rm -r t
	done
done

/* A process with threads dies of a signal that dumps core; another waits for what the kernel does to its memory then:
 * it clears the words at clear_child_tid, but that of the thread which dies last. */
/* build: -pthread */
#include <linux/futex.h>

#include "check.h"

#define THREADS 6
static int *word;

static void *thread(void *arg)
{
	long i = (long)arg;
	syscall(SYS_set_tid_address, word + i);
	for (;;) {
		if (i & 1)
			pause();
		else if (i & 2)
			getppid();
	}
}

static void die(int how)
{
	pthread_t t;
	syscall(SYS_set_tid_address, word + THREADS);
	for (long i = 0; i < THREADS; i++)
		CHECK(!pthread_create(&t, NULL, thread, (void *)i));
	for (int i = 0; i < THREADS; i++) /* all have begun */
		pause_ms(5);
	if (how == 0)
		abort();
	if (how == 1)
		*(volatile int *)0 = 1;
	if (how == 2)
		pthread_exit(NULL);
	pause();
}

int main(void)
{
	struct rlimit none = {0, 0};
	struct timespec limit = {0, 500000000};
	setrlimit(RLIMIT_CORE, &none);
	word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int how = 0; how < 4; how++) {
		for (int i = 0; i <= THREADS; i++)
			word[i] = 7;
		pid_t pid = fork();
		if (!pid)
			die(how);
		if (how > 1) {
			pause_ms(60);
			kill(pid, SIGQUIT);
		}
		syscall(SYS_futex, word, FUTEX_WAIT, 7, &limit, NULL, 0);
		SHOW("%d", word[0]);
		CHECK(waitpid(pid, NULL, 0) == pid);
		for (int i = 0; i <= THREADS; i++)
			SHOW("%d", word[i]);
	}
	return 0;
}

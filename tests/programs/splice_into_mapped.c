/* splice from an empty pipe into a file that the process maps: a thread fills the pipe later. With a signal whose
 * handler interrupts the wait, and with one that restarts it. */
/* build: -pthread */
#include "check.h"
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

static int p[2];
static pthread_t waiter;
static volatile int phase, handled;

static void handler(int sig)
{
	(void)sig;
	handled++;
}

static void *fill(void *arg)
{
	(void)arg;
	usleep(50000);
	CHECK(write(p[1], "hello", 5) == 5);
	return NULL;
}

static void *disturb(void *arg)
{
	(void)arg;
	usleep(50000);
	pthread_kill(waiter, SIGUSR1);
	usleep(50000);
	CHECK(write(p[1], "world", 5) == 5);
	return NULL;
}

static ssize_t splice_with(void *(*other)(void *), int f, unsigned flags)
{
	pthread_t t;
	pthread_create(&t, NULL, other, NULL);
	ssize_t n = splice(p[0], NULL, f, NULL, 100, flags);
	int e = errno;
	pthread_join(t, NULL);
	errno = e;
	return n;
}

int main(void)
{
	int f = temp_file();
	char buf[16];
	struct sigaction sa = {.sa_handler = handler};
	waiter = pthread_self();
	CHECK(!pipe(p) && !ftruncate(f, 4096));
	char *m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
	CHECK(m != MAP_FAILED);
	CHECK(splice(p[0], NULL, f, NULL, 100, SPLICE_F_NONBLOCK) == -1 && errno == EAGAIN);
	CHECK(splice_with(fill, f, 0) == 5 && !memcmp(m, "hello", 5));
	CHECK(!sigaction(SIGUSR1, &sa, NULL));
	CHECK(splice_with(disturb, f, 0) == -1 && errno == EINTR && handled == 1);
	CHECK(read(p[0], buf, 16) == 5);
	sa.sa_flags = SA_RESTART;
	CHECK(!sigaction(SIGUSR1, &sa, NULL));
	CHECK(splice_with(disturb, f, 0) == 5 && !memcmp(m, "helloworld", 10) && handled == 2);
	CHECK(write(p[1], "x", 1) == 1 && splice(p[0], NULL, f, NULL, 100, 0) == 1 && m[10] == 'x');
	close(p[1]);
	CHECK(splice(p[0], NULL, f, NULL, 100, 0) == 0);
	return 0;
}

/* build: -pthread */
/* Functions that a debugger calls: they compute, allocate, print, fail, wait. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int counter = 5;
char text[64] = "recorded";
long recorded_behind;

__attribute__((noinline)) int twice(int n)
{
	int r = 2 * n; /* twice: first */
	return r;
}

double half(double d)
{
	return d / 2;
}

int increment(void)
{
	return ++counter;
}

char *greeting(const char *whom)
{
	snprintf(text, sizeof(text), "hello, %s", whom);
	return text;
}

int sum_of_many(int n)
{
	int sum = 0;
	for (int i = 0; i < n; i++) {
		char *p = malloc(100000); /* more than the heap holds, in the end */
		memset(p, i, 100000);
		sum += p[50000] == (char)i;
	}
	return sum;
}

void say_hello(void)
{
	char line[] = "hello from the call\n";
	if (write(1, line, strlen(line)) < 0)
		abort();
}

int make_file(void)
{
	return mkdir("made-by-a-call", 0700);
}

int crash(int *p)
{
	return *p;
}

void spin(void)
{
	if (write(1, "spinning\n", 9) < 0)
		abort();
	for (volatile int i = 0;; i++)
		;
}

static pthread_mutex_t taken = PTHREAD_MUTEX_INITIALIZER;

int lock_again(void)
{
	return pthread_mutex_lock(&taken);
}

int give_up(void)
{
	exit(3);
}

int raise_abort(void)
{
	raise(SIGABRT);
	return 7;
}

int is_me(void)
{
	return getpid();
}

long now(void)
{
	return (long)time(NULL);
}

/* Seconds that CLOCK_MONOTONIC is behind. */
long behind(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return now() - ts.tv_sec;
}

long nap(void)
{
	struct timespec before, after, wait = {100, 0};
	clock_gettime(CLOCK_MONOTONIC, &before);
	nanosleep(&wait, NULL);
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	pthread_mutex_lock(&m);
	wait.tv_sec += now();
	pthread_mutex_timedlock(&m, &wait);
	usleep(500000);
	clock_gettime(CLOCK_MONOTONIC, &after);
	return after.tv_sec - before.tv_sec;
}

/* Instructions whose results are recorded. */
int odd_insns(void)
{
	unsigned a = 0, b, c = 0, d;
	unsigned long r = 0;
	unsigned char ok = 0;
	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	unsigned long before = __builtin_ia32_rdtsc();
	__asm__ volatile("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "0"(0x16), "2"(0));
	for (int i = 0; i < 2; i++)
		__asm__ volatile("rdrand %0; setc %1" : "+r"(r), "+qm"(ok));
	return __builtin_ia32_rdtsc() > before && ok && r;
}

int main(void)
{
	pthread_mutex_lock(&taken);
	recorded_behind = behind();
	int got = twice(counter); /* main: first */
	printf("%d %s\n", got, text); /* main: print */
	got += increment();
	write(1, "done\n", 5); /* main: write */
	return got != 16; /* main: last */
}

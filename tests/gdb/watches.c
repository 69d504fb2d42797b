/* Memory that instructions, calls, another thread and changes of protection write to, or that is only read. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

volatile int value, other, sink;
char buffer[64], big[6000];
volatile int *page;
volatile int faults;

__attribute__((noinline)) static void set(int to)
{
	value = to; /* set */
}

static void fix(int sig)
{
	faults += sig > 0;
	mprotect((void *)page, 4096, PROT_READ | PROT_WRITE);
}

static void *thread(void *p)
{
	value = 30; /* thread */
	return p;
}

static void protection(void)
{
	page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	signal(SIGSEGV, fix);
	page[1] = 1; /* page: first */
	mprotect((void *)page, 4096, PROT_READ);
	page[1] = 2; /* page: faults */
	mprotect((void *)page, 4096, PROT_READ | PROT_WRITE);
	page[1] = 3; /* page: third */
	madvise((void *)page, 4096, MADV_DONTNEED);
	page[2] = 4; /* page: last */
}

int main(void)
{
	int on_stack = 5; /* main: first */
	pthread_t t;
	set(1);
	for (int i = 0; i < 2000; i++)
		other = i; /* beside value */
	set(2);
	set(2);
	set(3);
	sink = value; /* main: reads */
	int fd = open("/proc/self/exe", O_RDONLY);
	read(fd, buffer, 4); /* main: call */
	memset(big, 7, sizeof(big));
	on_stack += fd;
	pthread_create(&t, 0, thread, 0);
	pthread_join(t, 0);
	protection();
	printf("%d %d %d\n", value, faults, on_stack > 5);
	return 0;
}

/* A process in a loop of its own making, which nothing counts, waits for another through shared memory; it
 * counts there too. Signals reach such loops. */
#include "check.h"

/* rdi: a flag to wait for; rsi: a counter */
static const unsigned char loop[] = {
	0x48, 0xff, 0x06,	/* 1: incq (%rsi) */
	0x83, 0x3f, 0x00,	/* cmpl $0, (%rdi) */
	0x74, 0xf8,		/* je 1b */
	0x48, 0x8b, 0x06, 0xc3, /* mov (%rsi), %rax; ret */
};

static volatile int handled;
static void *code;

static void on(int sig)
{
	(void)sig;
	handled++;
}

static long spin(volatile int *flag, volatile long *counter)
{
	return ((long (*)(volatile int *, volatile long *))code)(flag, counter);
}

static void in_child(volatile int *flag, volatile long *counter)
{
	pid_t pid = fork();
	if (!pid)
		_exit(spin(flag, counter) <= 0);
	pause_ms(30);
	*flag = 1;
	reap(pid, 0);
	SHOW("shared: %ld", *counter);
}

static void until_signal(volatile long *counter)
{
	struct itimerval every = {{0, 5000}, {0, 5000}}, off = {{0, 0}, {0, 0}};
	signal(SIGALRM, on);
	setitimer(ITIMER_REAL, &every, NULL);
	*counter = 0;
	spin(&handled, counter);
	setitimer(ITIMER_REAL, &off, NULL);
	SHOW("signal: %ld", *counter);
}

int main(void)
{
	volatile int *flag = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	volatile long *counter = (volatile long *)(flag + 512);
	code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memcpy(code, loop, sizeof(loop));
	for (int i = 0; i < 3; i++) {
		*flag = 0;
		in_child(flag, counter);
		handled = 0;
		until_signal(counter);
	}
	return 0;
}

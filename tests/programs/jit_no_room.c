/* A loop in code made at run time in the middle of a large reservation, as JIT compilers do:
 * nothing is free near it. Signals reach it. */
#include "check.h"

#define RESERVED (8ul << 30)

/* rdi: a flag to wait for; rsi: a counter */
static const unsigned char loop[] = {
	0x48, 0xff, 0x06,	/* 1: incq (%rsi) */
	0x83, 0x3f, 0x00,	/* cmpl $0, (%rdi) */
	0x74, 0xf8,		/* je 1b */
	0x48, 0x8b, 0x06, 0xc3, /* mov (%rsi), %rax; ret */
};

static volatile int handled;

static void on(int sig)
{
	(void)sig;
	handled++;
}

int main(void)
{
	struct itimerval every = {{0, 5000}, {0, 5000}}, off = {{0, 0}, {0, 0}};
	char *p = mmap(NULL, RESERVED, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *code = p + RESERVED / 2;
	volatile long counter = 0;
	CHECK(p != MAP_FAILED && !mprotect(code, 4096, PROT_READ | PROT_WRITE | PROT_EXEC));
	memcpy(code, loop, sizeof(loop));
	signal(SIGALRM, on);
	for (int i = 0; i < 3; i++) {
		handled = 0;
		setitimer(ITIMER_REAL, &every, NULL);
		((long (*)(volatile int *, volatile long *))code)(&handled, &counter);
		setitimer(ITIMER_REAL, &off, NULL);
		SHOW("signal: %ld", counter);
	}
	/* What was reserved is as before. */
	for (unsigned long at = 0; at < RESERVED; at += RESERVED / 64)
		CHECK(p + at == code || (!mprotect(p + at, 4096, PROT_READ) && !p[at]));
	return 0;
}

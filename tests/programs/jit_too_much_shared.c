/* A loop that nothing counts, in a process that shares more memory than can be summed: it cannot
 * be interrupted there, and the calls around it are recorded all the same. */
/* build: -pthread */
#include "check.h"

#include <pthread.h>

#define SHARED (300ul << 20)

/* rdi: how often */
static const unsigned char loop[] = {
	0x48, 0xff, 0xcf, /* 1: dec %rdi */
	0x75, 0xfb,	  /* jne 1b */
	0xc3,
};

static volatile int done;

static void *other(void *arg)
{
	while (!done)
		pause_ms(2);
	return arg;
}

int main(void)
{
	pthread_t t;
	char *p = mmap(NULL, SHARED, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED && code != MAP_FAILED);
	memcpy(code, loop, sizeof(loop));
	CHECK(!pthread_create(&t, NULL, other, NULL));
	for (int i = 0; i < 3; i++) {
		CHECK(getppid() > 0 && getuid() + 1 > 0);
		((void (*)(long))code)(500000000);
		CHECK(getppid() > 0 && getuid() + 1 > 0);
	}
	done = 1;
	CHECK(!pthread_join(t, NULL));
	return 0;
}

/* build: -pthread -O0 */
/* Loops too short for a safepoint that do nothing, `jmp .` among them: signals and other threads come in between. */
#include "check.h"

#include <setjmp.h>

static sigjmp_buf out;
static volatile long n;

static void on(int sig)
{
	n = n * 31 + sig;
	siglongjmp(out, 1);
}

__attribute__((noreturn)) static void jump_to_itself(void)
{
	__asm__ volatile("1: jmp 1b");
	__builtin_unreachable();
}

__attribute__((noreturn)) static void pauses(void)
{
	__asm__ volatile("1: pause; jmp 1b");
	__builtin_unreachable();
}

static void *body(void *p)
{
	if (p)
		pauses();
	jump_to_itself();
}

int main(void)
{
	struct itimerval it = {{0, 0}, {0, 3000}};
	pthread_t t[2];
	for (int i = 0; i < 6; i++) {
		signal(SIGALRM, on);
		if (!sigsetjmp(out, 1)) {
			setitimer(ITIMER_REAL, &it, NULL);
			body((void *)(long)(i & 1));
		}
	}
	for (long i = 0; i < 2; i++)
		CHECK(!pthread_create(&t[i], NULL, body, (void *)i));
	for (int i = 0; i < 300000; i++)
		n = n * 7 + i;
	SHOW("%ld", n);
	return 0;
}

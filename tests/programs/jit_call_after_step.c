/* Two calls in a row in code made at run time. After the first one the recorder lets the program step, since many
 * signals are pending and one may be due: the second call finds no trace of the step in r11. */
#include "check.h"

/* kill(rdi, rsi), and since that returns 0, read(rdi, rsi, rdx). Returns what r11 is then. */
static const unsigned char code[] = {
	0xb8, 62, 0, 0, 0, /* mov $62, %eax */
	0x0f, 0x05,	   /* syscall */
	0x0f, 0x05,	   /* syscall */
	0x4c, 0x89, 0xd8,  /* mov %r11, %rax */
	0xc3,
};

int main(void)
{
	sigset_t rt;
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memcpy(p, code, sizeof(code));
	sigemptyset(&rt);
	sigaddset(&rt, SIGRTMIN);
	CHECK(!sigprocmask(SIG_BLOCK, &rt, NULL));
	for (int i = 0; i < 8; i++)
		CHECK(!sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i}));
	unsigned long r11 = ((unsigned long (*)(long, long, long))p)(getpid(), 0, 0);
	CHECK(!(r11 & 0x100)); /* TF */
	return 0;
}

/* build: -pthread */
/* Instructions of all kinds, each executed some hundred times, for conditional breakpoints on them. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

long counter, unaligned[4], *nowhere;
volatile long sum;
char from[64], to[64];

__attribute__((used, noinline)) static void callee(void)
{
	sum++;
}

/* i is in rdi all the time. */
#define PLACE(name, code)                                                                                    \
	__attribute__((noinline)) static void name(long i)                                                   \
	{                                                                                                    \
		__asm__ volatile("movq %0, %%rdi\n" code : : "r"(i)                                         \
				 : "rdi", "rax", "rcx", "rdx", "rsi", "memory", "cc", "st");                 \
		sum += i;                                                                                    \
	}

PLACE(relative, "relative_at: addq %%rdi, counter(%%rip)\nadcq $0, counter(%%rip)")
PLACE(call, "subq $128, %%rsp\npushq %%rdi\npushq %%rdi\ncall_at: call callee\npopq %%rdi\npopq %%rdi\naddq $128, %%rsp")
PLACE(jump, "jump_at: jmp 1f\nint3\n1:")
PLACE(branch, "testb $1, %%dil\nbranch_at: jne 1f\nincq counter(%%rip)\n1:")
PLACE(condition, "cmpq $50, %%rdi\nflags_at: setg %%al\nmovzbl %%al, %%eax\naddq %%rax, counter(%%rip)")
/* Every other time it comes to the second instruction directly. */
PLACE(middle, "xorl %%eax, %%eax\nleaq 2f(%%rip), %%rcx\ntestb $1, %%dil\nje 1f\njmp *%%rcx\n"
	      "1: middle_at: incq %%rax\n2: incq %%rax\nincq %%rax\naddq %%rax, counter(%%rip)")
PLACE(call_of_kernel, "pushq %%rdi\nmovl $110, %%eax\nkernel_at: syscall\nbehind_at: popq %%rdi\n")
PLACE(repeat, "movq %%rdi, %%rdx\nleaq from(%%rip), %%rsi\nleaq to(%%rip), %%rdi\nmovl $3, %%ecx\n"
	      "repeat_at: rep movsb\nmovq %%rdx, %%rdi")
PLACE(x87, "fld1\nx87_at: fadd %%st(0), %%st\nfistps counter(%%rip)")
PLACE(fault, "movl $0, %%eax\nfault_at: nop\nmovq (%%rax), %%rax\nnop\nnop")
/* Twice between two safepoints. */
PLACE(often, "jmp 1f\n2: often_at: addq $1, counter(%%rip)\nret\n1: subq $128, %%rsp\ncall 2b\ncall 2b\ncall 2b\n"
	     "addq $128, %%rsp")

static void on_fault(int sig, siginfo_t *si, void *p)
{
	ucontext_t *u = p;
	(void)si;
	sum += sig + u->uc_mcontext.gregs[REG_RIP] % 4096;
	u->uc_mcontext.gregs[REG_RIP] += 3;
}

static const struct {
	const char *name;
	void (*f)(long);
} places[] = {
	{"relative", relative}, {"call", call},	    {"jump", jump},	{"branch", branch},
	{"flags", condition},	{"middle", middle}, {"often", often},	{"kernel", call_of_kernel},
	{"repeat", repeat},	{"x87", x87},	    {"fault", fault},
};

static void *thread(void *p)
{
	for (long i = 0; i < 60; i++) {
		relative(i);
		call_of_kernel(i);
	}
	return p;
}

int main(int argc, char **argv)
{
	struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
	pthread_t t[2];
	sigaction(SIGSEGV, &sa, NULL);
	for (unsigned k = 0; k < sizeof(places) / sizeof(*places); k++) {
		for (long i = 0; i < (argc > 2 ? atol(argv[2]) : 40); i++)
			places[k].f(i);
	}
	if (argc > 1 && !fork()) { /* breakpoints of the parent are not the child's */
		for (long i = 0; i < 60; i++)
			relative(i);
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	for (int k = 0; argc > 1 && k < 2; k++)
		pthread_create(&t[k], NULL, thread, NULL);
	for (int k = 0; argc > 1 && k < 2; k++)
		pthread_join(t[k], NULL);
	printf("%ld %ld %s\n", counter, sum, argv[0] ? "done" : "");
	return 0; /* main: last */
}

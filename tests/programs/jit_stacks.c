/* Signals whose frames the kernel writes to memory that can be executed, and has been: an alternate stack
 * beside code made at run time, and a thread's stack with code on it. Sent by others, by timers, and raised
 * by faults; the handlers find what they are told of each. */
/* build: -pthread */
/* natively: not run, bits of cpuid are hidden from recorded programs */
#include "check.h"

#include <cpuid.h>

#define PAGE 4096
#define STACK (64 * PAGE)

typedef uint64_t (*code)(uint64_t);

/* ecx of leaf rdi */
static const char cpuid[] = "\x53\x89\xf8\x31\xc9\x0f\xa2\x89\xc8\x5b\xc3";
static const char plain[] = "\x48\x8d\x47\x01\xc3"; /* rdi + 1 */

static volatile sig_atomic_t got, value, faults;
static uint8_t *page; /* of code, at the top of a stack */
static uint8_t *no_page;

static void run(uint8_t *p)
{
	memcpy(p, cpuid, sizeof(cpuid));
	CHECK(!(((code)p)(1) & bit_RDRND));
	memcpy(p + 64, plain, sizeof(plain));
	CHECK(((code)(p + 64))(6) == 7);
}

static void handler(int sig, siginfo_t *si, void *context)
{
	ucontext_t *u = context;
	CHECK((uint64_t)u > (uint64_t)page - STACK && (uint64_t)u < (uint64_t)page + PAGE);
	if (sig == SIGSEGV) {
		CHECK(si->si_addr == no_page && si->si_code == SEGV_MAPERR);
		u->uc_mcontext.gregs[REG_RAX] = (greg_t)&value;
		faults++;
	} else if (sig == SIGUSR1) {
		CHECK(si->si_code == SI_TKILL || si->si_code == SI_QUEUE);
		value = si->si_code == SI_QUEUE ? si->si_value.sival_int : 0;
	}
	got++;
	run(page); /* the frame may be on this very page */
}

static void use(uint8_t *stack, size_t size)
{
	stack_t ss = {.ss_sp = stack, .ss_size = size};
	page = stack + size - PAGE;
	CHECK(!sigaltstack(&ss, NULL));
}

static void on_alternate_stack(void)
{
	uint8_t *p =
		mmap(NULL, STACK, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED);
	use(p, STACK);
	for (int i = 1; i <= 5; i++) {
		run(page);
		CHECK(!raise(SIGUSR1) && got == 3 * i - 2 && !value);
		((code)(page + 64))(1);
		CHECK(!sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = i}) && value == i);
		((code)(page + 64))(1);
		__asm__ volatile("mov (%0), %%ecx" : : "a"(no_page) : "ecx", "memory");
		CHECK(faults == i && got == 3 * i);
	}
}

/* Its code is where the thread's own frames come and go. */
static void *on_own_stack(void *arg)
{
	uint8_t local[512] __attribute__((aligned(512)));
	struct itimerval it = {{0, 1000}, {0, 1000}};
	CHECK(!sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL) &&
	      !pthread_sigmask(SIG_UNBLOCK, arg, NULL));
	got = 0;
	CHECK(!setitimer(ITIMER_REAL, &it, NULL));
	for (uint64_t i = 0; got < 20; i++) {
		memcpy(local, plain, sizeof(plain));
		CHECK(((code)local)(i) == i + 1);
	}
	it.it_value.tv_usec = 0;
	CHECK(!setitimer(ITIMER_REAL, &it, NULL));
	return arg;
}

int main(void)
{
	pthread_t t;
	pthread_attr_t a;
	sigset_t set;
	int signals[] = {SIGUSR1, SIGSEGV, SIGALRM};
	no_page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(no_page != MAP_FAILED && !munmap(no_page, PAGE));
	for (int i = 0; i < 3; i++) {
		struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};
		CHECK(!sigaction(signals[i], &sa, NULL));
	}
	on_alternate_stack();
	/* The handler's code is on a page between: only frames are on the one that it executes in main's
	 * place. */
	uint8_t *p = mmap(NULL, STACK + PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	page = p + STACK;
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	CHECK(p != MAP_FAILED && !pthread_attr_init(&a) && !pthread_attr_setstack(&a, p, STACK));
	CHECK(!pthread_sigmask(SIG_BLOCK, &set, NULL));
	CHECK(!pthread_create(&t, &a, on_own_stack, &set) && !pthread_join(t, NULL));
	SHOW("%d", (int)got);
	return 0;
}

/* A filter sees where the program makes a call, as do a handler of SIGSYS and its frame. */
#include "filter.h"

extern const char here[], there[];
static volatile siginfo_t info;
static volatile uintptr_t ip;

static void on(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	memcpy((void *)&info, si, sizeof(*si));
	ip = (uintptr_t)((ucontext_t *)uc)->uc_mcontext.gregs[REG_RIP];
}

#define CALL(label)                                                                                             \
	({                                                                                                      \
		long r_;                                                                                        \
		__asm__ volatile("syscall\n" label ":" : "=a"(r_) : "a"(SYS_getppid) : "rcx", "r11", "memory"); \
		r_;                                                                                             \
	})
static long __attribute__((noinline)) call_here(void)
{
	return CALL("here");
}
static long __attribute__((noinline)) call_there(void)
{
	return CALL("there");
}

int main(void)
{
	struct sigaction sa = {.sa_sigaction = on, .sa_flags = SA_SIGINFO};
	uint64_t at = (uintptr_t)here;
	sigaction(SIGSYS, &sa, NULL);
	no_new_privs();
	CHECK(!INSTALL(0, LOAD(nr), UNLESS(SYS_getppid, 7), LOAD(instruction_pointer), UNLESS((uint32_t)at, 4),
		       (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						    offsetof(struct seccomp_data, instruction_pointer) + 4),
		       UNLESS((uint32_t)(at >> 32), 2), ANSWER(SECCOMP_RET_ERRNO | 5),
		       ANSWER(SECCOMP_RET_ALLOW), ANSWER(SECCOMP_RET_TRAP | 6), ANSWER(SECCOMP_RET_ALLOW)));
	CHECK(call_here() == -5 && !ip);
	CHECK(call_there() == SYS_getppid);
	CHECK((const char *)info.si_call_addr == there && ip == (uintptr_t)there && info.si_errno == 6);
	return 0;
}

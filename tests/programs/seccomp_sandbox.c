/* A browser's sandbox: all calls that the filter does not list raise SIGSYS. The recorder makes other calls in
 * the task, for one that blocks in a thread as well, which the filter must not see. */
#include "filter.h"

static int p[2];

static void on_sigsys(int sig, siginfo_t *si, void *context)
{
	ucontext_t *u = context;
	(void)sig;
	u->uc_mcontext.gregs[REG_RAX] = -1000 - si->si_syscall;
}

static void *reader(void *arg)
{
	static char buf[1 << 16];
	long n = 0;
	ssize_t r;
	while ((r = read(p[0], buf, sizeof(buf))) > 0)
		n += r;
	SHOW("read %ld, uid %ld", n, syscall(SYS_getuid));
	return arg;
}

#define YES(nr) ON(nr, SECCOMP_RET_ALLOW)
static long install(void)
{
	return INSTALL(SECCOMP_FILTER_FLAG_TSYNC, LOAD(nr), YES(SYS_read), YES(SYS_write), YES(SYS_close), YES(SYS_exit),
		       YES(SYS_exit_group), YES(SYS_futex), YES(SYS_mmap), YES(SYS_munmap), YES(SYS_mprotect),
		       YES(SYS_madvise), YES(SYS_clone), YES(SYS_clone3), YES(SYS_rt_sigreturn), YES(SYS_rt_sigprocmask),
		       YES(SYS_set_robust_list), YES(SYS_rseq), YES(SYS_brk), YES(SYS_newfstatat),
		       YES(SYS_clock_nanosleep), ANSWER(SECCOMP_RET_TRAP));
}

int main(void)
{
	struct sigaction sa = {.sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO};
	pthread_t t;
	no_new_privs();
	CHECK(!pipe(p) && !sigaction(SIGSYS, &sa, 0) && !install());
	CHECK(!pthread_create(&t, 0, reader, 0));
	for (int i = 0; i < 20; i++) {
		usleep(5000);
		CHECK(write(p[1], "some words\n", 11) == 11);
	}
	CHECK(!close(p[1]) && !pthread_join(t, 0));
	return 0;
}

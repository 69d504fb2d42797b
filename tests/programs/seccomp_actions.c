/* Each answer that a seccomp filter can give, and which of several filters counts. Here the answer for getppid is the
 * argument's, in a child each. */
#include "filter.h"

static siginfo_t info;
static void on(int sig, siginfo_t *si, void *uc)
{
	(void)sig, (void)uc;
	info = *si;
}

static volatile pid_t thread;
static void *in_thread(void *arg)
{
	thread = (pid_t)syscall(SYS_gettid);
	syscall(SYS_getppid);
	return arg;
}

static void child(unsigned answer)
{
	struct sigaction sa = {.sa_sigaction = on, .sa_flags = SA_SIGINFO};
	pthread_t t;
	sigaction(SIGSYS, &sa, NULL);
	no_new_privs();
	CHECK(!INSTALL(0, LOAD(nr), ON(SYS_getppid, answer), ANSWER(SECCOMP_RET_ALLOW)));
	if (answer == SECCOMP_RET_KILL_THREAD) {
		/* It ends the thread that asks, and no other. */
		CHECK(!pthread_create(&t, NULL, in_thread, NULL));
		while (!thread || !syscall(SYS_tgkill, getpid(), thread, 0))
			pause_ms(1);
		_exit(7);
	}
	long r = syscall(SYS_getppid);
	if (r == -1)
		SHOW("%x: errno %d", answer, errno);
	else
		SHOW("%x: %s", answer, r == getpid() ? "self" : r == SYS_getppid ? "its number" : "the parent");
	if ((answer & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_TRAP)
		SHOW("code %d errno %d number %d arch %x", info.si_code, info.si_errno, info.si_syscall, info.si_arch);
	_exit(0);
}

static void shows(unsigned answer)
{
	int st;
	pid_t c = fork();
	if (!c)
		child(answer);
	CHECK(waitpid(c, &st, 0) == c);
	if (WIFSIGNALED(st))
		SHOW("%x: signal %d%s", answer, WTERMSIG(st), WCOREDUMP(st) ? " (core)" : "");
	else
		SHOW("%x: status %d", answer, WEXITSTATUS(st));
}

/* Where SIGSYS is blocked the kernel kills with it. */
static void blocked(void)
{
	int st;
	pid_t c = fork();
	if (!c) {
		sigset_t set;
		sigfillset(&set);
		sigprocmask(SIG_SETMASK, &set, NULL);
		child(SECCOMP_RET_TRAP);
	}
	CHECK(waitpid(c, &st, 0) == c && WIFSIGNALED(st) && WTERMSIG(st) == SIGSYS);
}

static void order(void)
{
	no_new_privs();
	CHECK(prctl(PR_GET_SECCOMP) == 0);
	CHECK(!INSTALL(0, LOAD(nr), ON(SYS_getppid, SECCOMP_RET_ERRNO | 11), ANSWER(SECCOMP_RET_ALLOW)));
	CHECK(syscall(SYS_getppid) == -1 && errno == 11);
	CHECK(!INSTALL(0, LOAD(nr), ON(SYS_getppid, SECCOMP_RET_ERRNO | 12), ANSWER(SECCOMP_RET_ALLOW)));
	CHECK(syscall(SYS_getppid) == -1 && errno == 12);
	CHECK(!INSTALL(0, LOAD(nr), ON(SYS_getppid, SECCOMP_RET_TRACE), ANSWER(SECCOMP_RET_ALLOW)));
	CHECK(syscall(SYS_getppid) == -1 && errno == 12);
	CHECK(prctl(PR_GET_SECCOMP) == 2);
	CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == -1 && errno == EINVAL);
	CHECK(INSTALL(0, LOAD(nr)) == -1 && errno == EINVAL);
	CHECK(INSTALL(0x4000, ANSWER(SECCOMP_RET_ALLOW)) == -1 && errno == EINVAL);
	CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, 8) == -1 && errno == EFAULT);
}

int main(void)
{
	static const unsigned answers[] = {SECCOMP_RET_ERRNO | 0, SECCOMP_RET_ERRNO | 77, SECCOMP_RET_ERRNO | 0xffff,
					   SECCOMP_RET_TRAP | 9, SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD,
					   SECCOMP_RET_TRACE | 3, SECCOMP_RET_LOG, SECCOMP_RET_USER_NOTIF, 0x12345678,
					   SECCOMP_RET_ALLOW};
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++)
		shows(answers[i]);
	blocked();
	order();
	return 0;
}

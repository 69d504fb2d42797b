/* Filters reach other threads by TSYNC, and children and new programs by themselves. */
#include "filter.h"

static volatile int go;
static void *waits(void *arg)
{
	while (!go)
		pause_ms(1);
	long before = syscall(SYS_getppid);
	CHECK(before == -1 && errno == 41);
	return arg;
}

static void *differs(void *arg)
{
	CHECK(!INSTALL(0, LOAD(nr), ON(SYS_getpgrp, SECCOMP_RET_ERRNO | 42), ANSWER(SECCOMP_RET_ALLOW)));
	while (go < 2)
		pause_ms(1);
	CHECK(syscall(SYS_getppid) == -1 && errno == 41);
	CHECK(syscall(SYS_getsid, 0) > 0);
	return arg;
}

int main(int argc, char **argv)
{
	pthread_t a, b;
	if (argc > 1) {
		CHECK(syscall(SYS_getppid) == -1 && errno == 41 && syscall(SYS_getsid, 0) == -1 && errno == 43);
		SHOW("a new program");
		return 0;
	}
	no_new_privs();
	CHECK(!pthread_create(&a, NULL, waits, NULL));
	CHECK(!INSTALL(SECCOMP_FILTER_FLAG_TSYNC, LOAD(nr), ON(SYS_getppid, SECCOMP_RET_ERRNO | 41),
		       ANSWER(SECCOMP_RET_ALLOW)));
	go = 1;
	pthread_join(a, NULL);
	/* A thread with a filter of its own cannot follow: the call says which. */
	CHECK(!pthread_create(&b, NULL, differs, NULL));
	while (syscall(SYS_getpgrp) != getpgid(0) || INSTALL(SECCOMP_FILTER_FLAG_TSYNC, ANSWER(SECCOMP_RET_ALLOW)) == 0)
		pause_ms(1);
	CHECK(!INSTALL(0, LOAD(nr), ON(SYS_getsid, SECCOMP_RET_ERRNO | 43), ANSWER(SECCOMP_RET_ALLOW)));
	go = 2;
	pthread_join(b, NULL);
	pid_t c = fork();
	if (!c) {
		execl("/proc/self/exe", argv[0], "again", NULL);
		_exit(9);
	}
	reap(c, 0);
	return 0;
}

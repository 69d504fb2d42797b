/* build: -lpthread -fexceptions -rdynamic */
/* What a handler and the unwinder see of an interrupted call are the program's own
 * addresses, and unwinding goes through the signal frame. */
#include "check.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <unwind.h>

static int pipes[2], cleaned;
static volatile int seen, tid;

static int is_text(uintptr_t a)
{
	Dl_info d;
	return dladdr((void *)a, &d) && d.dli_fname && !strstr(d.dli_fname, "/images/");
}
static void look(int sig, siginfo_t *si, void *ctx)
{
	ucontext_t *uc = ctx;
	void *frames[64];
	(void)sig;
	(void)si;
	uintptr_t ip = (uintptr_t)uc->uc_mcontext.gregs[REG_RIP];
	CHECK(is_text(ip));
	int n = backtrace(frames, 64), main_seen = 0;
	CHECK(n > 3);
	for (int i = 0; i < n; i++) {
		Dl_info d = {0};
		if (!is_text((uintptr_t)frames[i]))
			SHOW("frame %d: %p", i, frames[i]);
		CHECK(is_text((uintptr_t)frames[i]));
		dladdr(frames[i], &d);
		main_seen |= d.dli_sname && !strcmp(d.dli_sname, "main");
	}
	CHECK(main_seen);
	/* In a `syscall`, or just behind one: the bytes before ip are not asserted, for they
	 * may be changed; the kernel's habit is: rcx is the address behind it. */
	seen++;
}
static void clean(void *arg)
{
	cleaned += *(int *)arg;
}
static void leave(int sig)
{
	(void)sig;
	pthread_exit((void *)5);
}
static void *thread(void *arg)
{
	int one = 1;
	char c;
	(void)arg;
	pthread_cleanup_push(clean, &one);
	tid = gettid();
	while (read(pipes[0], &c, 1) < 0)
		;
	pthread_cleanup_pop(0);
	return NULL;
}
int main(void)
{
	struct sigaction sa = {.sa_sigaction = look, .sa_flags = SA_SIGINFO};
	struct timespec ts = {30, 0};
	char c;
	CHECK(!pipe(pipes));
	sigaction(SIGALRM, &sa, NULL);
	ualarm(10000, 10000); /* again and again: the first may come before the call */
	CHECK(read(pipes[0], &c, 1) == -1 && errno == EINTR);
	CHECK(nanosleep(&ts, NULL) == -1 && errno == EINTR);
	ualarm(0, 0);
	CHECK(seen >= 2);
	seen = 2;
	raise(SIGALRM);
	kill(getpid(), SIGALRM);
	CHECK(seen == 4);
	pthread_t t;
	void *result;
	signal(SIGUSR1, leave);
	pthread_create(&t, NULL, thread, NULL);
	while (!tid)
		pause_ms(1);
	wait_sleeping(tid); /* in read: the unwinder finds the handler's place behind calls only */
	pthread_kill(t, SIGUSR1);
	CHECK(!pthread_join(t, &result) && result == (void *)5 && cleaned == 1);
	SHOW("%d %d", seen, cleaned);
	return 0;
}

/* build: -lpthread */
/* A tracer attaches to a process and to its threads, wherever they are, and lets them go again: by PTRACE_ATTACH, and by
 * PTRACE_SEIZE and PTRACE_INTERRUPT. Calls that they wait in go on. */
#include "check.h"

#include <sys/ptrace.h>
#include <sys/user.h>

static volatile long turns;
static volatile int stop;

static void *spin(void *arg)
{
	while (!stop)
		turns++;
	return arg;
}

static void *calls(void *arg)
{
	while (!stop)
		getppid();
	return arg;
}

static void *waits(void *arg)
{
	char c;
	CHECK(read((int)(long)arg, &c, 1) == 1 && c == 'x');
	return arg;
}

struct shared {
	pid_t tids[4];
	volatile int n;
};

static void add_tid(struct shared *sh)
{
	sh->tids[sh->n] = (pid_t)syscall(SYS_gettid);
	sh->n++;
}

static int *ends;
static struct shared *sh;

static void *body(void *arg)
{
	static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	pthread_mutex_lock(&m);
	add_tid(sh);
	pthread_mutex_unlock(&m);
	return arg == (void *)0 ? spin(arg) : arg == (void *)1 ? calls(arg) : waits((void *)(long)ends[0]);
}

static int child(void)
{
	pthread_t t[3];
	add_tid(sh);
	for (long i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, body, (void *)i);
	pthread_join(t[2], NULL);
	stop = 1;
	pthread_join(t[0], NULL);
	pthread_join(t[1], NULL);
	return 6;
}

int main(void)
{
	int fds[2], st;
	struct user_regs_struct r;
	sh = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(!pipe(fds));
	ends = fds;
	pid_t pid = fork();
	if (!pid)
		_exit(child());
	while (sh->n < 4)
		pause_ms(1);
	CHECK(ptrace(PTRACE_ATTACH, getpid(), 0, 0) == -1 && errno == EPERM);
	for (int round = 0; round < 4; round++) {
		bool seize = round & 1;
		for (int i = 0; i < 4; i++) {
			pid_t tid = sh->tids[i];
			CHECK(!ptrace(seize ? PTRACE_SEIZE : PTRACE_ATTACH, tid, 0, 0));
			if (seize)
				CHECK(!ptrace(PTRACE_INTERRUPT, tid, 0, 0));
			CHECK(waitpid(tid, &st, __WALL) == tid && WIFSTOPPED(st));
			CHECK(st >> 8 == (seize ? SIGTRAP | PTRACE_EVENT_STOP << 8 : SIGSTOP));
			CHECK(!ptrace(PTRACE_GETREGS, tid, 0, &r));
			SHOW("%d %llx %lld", i, r.rip, (long long)r.rax);
		}
		CHECK(ptrace(PTRACE_ATTACH, sh->tids[0], 0, 0) == -1 && errno == EPERM);
		for (int i = 0; i < 4; i++)
			CHECK(!ptrace(PTRACE_DETACH, sh->tids[i], 0, 0));
		CHECK(ptrace(PTRACE_DETACH, sh->tids[0], 0, 0) == -1 && errno == ESRCH);
		pause_ms(5);
	}
	CHECK(write(fds[1], "x", 1) == 1);
	reap(pid, 6);
	return 0;
}

/* Scheduling policies, priorities and processors that a program sets for itself and for others: it reads them back,
 * in /proc too, children inherit them, and what cannot be set fails as it should. */
#include "check.h"

struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

static pid_t child;

static const char *result(long r)
{
	static char text[40];
	snprintf(text, sizeof(text), "%ld %s", r, r < 0 ? strerrorname_np(errno) : "");
	return text;
}

/* What /proc says: priority, nice, rt_priority, policy. */
static void show_stat(pid_t pid)
{
	char path[40], text[1024] = "";
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	FILE *f = fopen(path, "r");
	CHECK(f && fgets(text, sizeof(text), f));
	fclose(f);
	long prio, nice, rt, policy;
	CHECK(sscanf(strrchr(text, ')') + 2,
		     "%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %ld %ld %*s %*s %*s %*s %*s %*s %*s %*s "
		     "%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %ld %ld",
		     &prio, &nice, &rt, &policy) == 4);
	printf("   stat: %ld %ld %ld %ld\n", prio, nice, rt, policy);
}

static void show(pid_t pid)
{
	struct sched_param p = {-1};
	struct attr a = {0};
	struct timespec ts = {-1, -1};
	printf("   getscheduler %s", result(sched_getscheduler(pid)));
	printf(", getparam %s", result(sched_getparam(pid, &p)));
	printf(" %d, getattr %s", p.sched_priority, result(syscall(SYS_sched_getattr, pid, &a, sizeof(a), 0)));
	printf(" %u %llx %d %u, rr %s, nice %d\n", a.policy, (long long)a.flags, a.nice, a.priority,
	       result(syscall(SYS_sched_rr_get_interval, pid, &ts)) /* the time itself is the machine's affair */,
	       getpriority(PRIO_PROCESS, (id_t)pid));
	if (!geteuid())
		show_stat(pid ? pid : getpid());
}

static void set(pid_t pid, int policy, int priority)
{
	struct sched_param p = {priority};
	printf("setscheduler(%s, %d, %d): %s\n", pid ? "child" : "self", policy, priority,
	       result(sched_setscheduler(pid, policy, &p)));
	show(pid);
}

static void param(pid_t pid, int priority)
{
	struct sched_param p = {priority};
	printf("setparam(%s, %d): %s\n", pid ? "child" : "self", priority, result(sched_setparam(pid, &p)));
	show(pid);
}

static void attr(pid_t pid, unsigned policy, int nice, unsigned priority, uint64_t flags)
{
	struct attr a = {.size = sizeof(a), .policy = policy, .nice = nice, .priority = priority, .flags = flags};
	printf("setattr(%s, %u, %d, %u, %llx): %s\n", pid ? "child" : "self", policy, nice, priority, (long long)flags,
	       result(syscall(SYS_sched_setattr, pid, &a, 0)));
	show(pid);
}

static void deadline(pid_t pid)
{
	struct attr a = {.size = sizeof(a), .policy = 6, .runtime = 1000000, .deadline = 10000000, .period = 20000000}, b = {0};
	printf("deadline(%s): %s\n", pid ? "child" : "self", result(syscall(SYS_sched_setattr, pid, &a, 0)));
	CHECK(!syscall(SYS_sched_getattr, pid, &b, sizeof(b), 0));
	printf("%u %ld %ld %ld\n", b.policy, (long)b.runtime, (long)b.deadline, (long)b.period);
	show(pid);
	a.runtime = 0;
	printf("deadline(%s): %s\n", pid ? "child" : "self", result(syscall(SYS_sched_setattr, pid, &a, 0)));
	set(pid, SCHED_OTHER, 0);
}

static void policies(pid_t pid)
{
	deadline(pid);
	set(pid, SCHED_FIFO, 10);
	set(pid, SCHED_RR, 20);
	param(pid, 21);
	param(pid, 0);
	param(pid, 100);
	set(pid, SCHED_FIFO, 0);
	set(pid, SCHED_FIFO, 100);
	set(pid, SCHED_FIFO | SCHED_RESET_ON_FORK, 5);
	set(pid, SCHED_OTHER, 1);
	set(pid, 77, 0);
	set(pid, SCHED_BATCH, 0);
	set(pid, SCHED_RR, 3);
	attr(pid, SCHED_FIFO, 0, 7, 0);
	attr(pid, SCHED_FIFO, 0, 0, 0);
	attr(pid, SCHED_FIFO, 0, 7, 0x1000);
	attr(pid, SCHED_OTHER, 5, 0, 0);
	attr(pid, SCHED_OTHER, 99, 0, 0);
	attr(pid, SCHED_RR, 0, 9, 1 /* RESET_ON_FORK */);
	attr(pid, 0, 0, 11, 8 /* KEEP_POLICY */);
	attr(pid, 0, 0, 0, 16 | 8 /* KEEP_PARAMS */);
	attr(pid, 77, 0, 0, 0);
	attr(pid, SCHED_IDLE, 0, 0, 0);
	set(pid, SCHED_OTHER, 0);
	printf("setpriority: %s\n", result(setpriority(PRIO_PROCESS, (id_t)pid, 7)));
	show(pid);
}

static void refusals(void)
{
	struct sched_param p = {1};
	struct attr a = {.size = sizeof(a)}, small = {.size = 10}, large = {.size = 5000};
	struct {
		struct attr a;
		char more[64];
	} grown = {.a.size = sizeof(grown), .more = {1}};
	printf("%s\n", result(sched_setscheduler(-1, SCHED_FIFO, &p)));
	printf("%s\n", result(sched_setscheduler(999999999, SCHED_FIFO, &p)));
	printf("%s\n", result(sched_setscheduler(0, SCHED_FIFO, NULL)));
	printf("%s\n", result(sched_setscheduler(0, -1, &p)));
	printf("%s\n", result(sched_setscheduler(0, SCHED_FIFO, (void *)8)));
	printf("%s\n", result(sched_setscheduler(0, 6, &p)));
	printf("%s\n", result(sched_setparam(-1, &p)));
	printf("%s\n", result(sched_setparam(0, NULL)));
	printf("%s\n", result(sched_getparam(0, NULL)));
	printf("%s\n", result(sched_getparam(0, (void *)8)));
	printf("%s\n", result(sched_getparam(999999999, &p)));
	printf("%s\n", result(sched_getscheduler(-1)));
	printf("%s\n", result(sched_getscheduler(999999999)));
	printf("%s\n", result(syscall(SYS_sched_setattr, 0, NULL, 0)));
	printf("%s\n", result(syscall(SYS_sched_setattr, 0, &a, 1)));
	printf("%s\n", result(syscall(SYS_sched_setattr, 0, (void *)8, 0)));
	printf("%s\n", result(syscall(SYS_sched_setattr, 0, &small, 0)));
	printf("%s %u\n", result(syscall(SYS_sched_setattr, 0, &large, 0)), large.size);
	printf("%s %u\n", result(syscall(SYS_sched_setattr, 0, &grown, 0)), grown.a.size);
	printf("%s\n", result(syscall(SYS_sched_setattr, 999999999, &a, 0)));
	printf("%s\n", result(syscall(SYS_sched_getattr, 0, &a, 10, 0)));
	printf("%s\n", result(syscall(SYS_sched_getattr, 0, &a, sizeof(a), 1)));
	printf("%s\n", result(syscall(SYS_sched_getattr, 0, NULL, sizeof(a), 0)));
}

static void affinity(void)
{
	cpu_set_t all, none, one, far, now;
	CHECK(!sched_getaffinity(0, sizeof(all), &all));
	CPU_ZERO(&none);
	CPU_ZERO(&far);
	CPU_SET(1000, &far);
	one = none;
	for (int i = 0; i < CPU_SETSIZE && !CPU_COUNT(&one); i++) {
		if (CPU_ISSET(i, &all))
			CPU_SET(i, &one);
	}
	printf("none: %s\n", result(sched_setaffinity(0, sizeof(none), &none)));
	printf("far: %s\n", result(sched_setaffinity(0, sizeof(far), &far)));
	printf("no mask: %s\n", result(syscall(SYS_sched_setaffinity, 0, 0, &one)));
	printf("a byte: %s\n", result(syscall(SYS_sched_setaffinity, 0, 1, &none)));
	printf("bad: %s\n", result(syscall(SYS_sched_setaffinity, 0, sizeof(one), 8)));
	printf("nobody: %s\n", result(sched_setaffinity(999999999, sizeof(one), &one)));
	printf("negative: %s\n", result(sched_setaffinity(-1, sizeof(one), &one)));
	printf("nobody, bad: %s\n", result(syscall(SYS_sched_setaffinity, 999999999, sizeof(one), 8)));
	printf("get nobody: %s\n", result(sched_getaffinity(999999999, sizeof(one), &now)));
	printf("get negative: %s\n", result(sched_getaffinity(-1, sizeof(one), &now)));
	printf("get odd: %s\n", result(syscall(SYS_sched_getaffinity, 0, 7, &now)));
	printf("get short: %s\n", result(syscall(SYS_sched_getaffinity, 0, 0, &now)));
	printf("get bad: %s\n", result(syscall(SYS_sched_getaffinity, 0, sizeof(one), 8)));
	printf("unchanged: %d\n", !sched_getaffinity(0, sizeof(now), &now) && CPU_EQUAL(&now, &all));
	printf("one: %s\n", result(sched_setaffinity(0, sizeof(one), &one)));
	printf("reads back: %d\n", !sched_getaffinity(0, sizeof(now), &now) && CPU_EQUAL(&now, &one));
	printf("child: %s\n", result(sched_setaffinity(child, sizeof(one), &one)));
	printf("reads back: %d\n", !sched_getaffinity(child, sizeof(now), &now) && CPU_EQUAL(&now, &one));
	printf("all: %s\n", result(sched_setaffinity(0, sizeof(all), &all)));
	printf("parent: %s\n", result(sched_getaffinity(getppid(), sizeof(now), &now) > 0 ? 0 : -1));
	FILE *f = fopen("/proc/self/status", "r");
	char line[1200];
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "Cpus_allowed", 12))
			printf("%s", line);
	}
	fclose(f);
}

static void inherited(int policy)
{
	struct sched_param p = {4};
	printf("child of %x: %s\n", policy, result(sched_setscheduler(0, policy, &p)));
	fflush(stdout);
	pid_t c = fork();
	if (!c) {
		show(0);
		exit(0);
	}
	reap(c, 0);
}

int main(void)
{
	int go[2];
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	CHECK(!pipe(go));
	child = fork();
	if (!child) {
		char c;
		close(go[1]);
		_exit(read(go[0], &c, 1) != 0);
	}
	policies(0);
	policies(child);
	refusals();
	affinity();
	inherited(SCHED_FIFO);
	inherited(SCHED_RR | SCHED_RESET_ON_FORK);
	inherited(SCHED_OTHER);
	if (!geteuid()) { /* nor may everybody */
		struct sched_param p = {3};
		CHECK(!sched_setscheduler(0, SCHED_RR, &p) && !setresuid(12345, 12345, 12345));
		printf("without privilege:\n");
		show(0);
		param(0, 2);
		param(0, 3);
		set(0, SCHED_OTHER, 0);
		set(0, SCHED_FIFO, 1);
		set(0, SCHED_BATCH, 0);
		attr(0, SCHED_FIFO, 0, 1, 0);
		attr(0, SCHED_OTHER, -5, 0, 0);
		set(child, SCHED_OTHER, 0);
		printf("init: %s\n", result(sched_getscheduler(1)));
		set(1, SCHED_OTHER, 0);
		cpu_set_t m;
		CHECK(!sched_getaffinity(0, sizeof(m), &m));
		printf("init: %s\n", result(sched_setaffinity(1, sizeof(m), &m)));
		printf("nice: %s\n", result(setpriority(PRIO_PROCESS, 0, -10)));
		printf("nice of init: %s\n", result(setpriority(PRIO_PROCESS, 1, 10)));
	}
	close(go[1]);
	int st;
	CHECK(waitpid(child, &st, 0) == child);
	printf("%x\n", st);
	return 0;
}

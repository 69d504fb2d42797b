/* What a program sets for itself, by prctl and its kin, it reads back, in /proc too. */
#include "check.h"

#include <linux/prctl.h>
#include <sys/personality.h>

#define TRY(x)                                                                                           \
	({                                                                                               \
		errno = 0;                                                                               \
		long r_ = (x);                                                                           \
		printf("%s: %ld %s\n", #x, r_, r_ == -1 ? strerrorname_np(errno) : "");                  \
		r_;                                                                                      \
	})

static void show_file(const char *path)
{
	char text[256] = "";
	int fd = open(path, O_RDONLY);
	CHECK(fd >= 0 && read(fd, text, sizeof(text) - 1) >= 0);
	close(fd);
	printf("%s: %s", path, text);
}

static void show_status(const char *name)
{
	char line[1200];
	FILE *f = fopen("/proc/self/status", "r");
	CHECK(f);
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, name, strlen(name)))
			printf("%s", line);
	}
	fclose(f);
}

static void prctls(void)
{
	int n = -1;
	unsigned long a = 0;
	char name[16];
	TRY(prctl(PR_SET_TIMERSLACK, 12345));
	TRY(prctl(PR_GET_TIMERSLACK));
	show_file("/proc/self/timerslack_ns");
	TRY(prctl(PR_SET_TIMERSLACK, 0));
	TRY(prctl(PR_GET_TIMERSLACK));
	TRY(prctl(PR_SET_PDEATHSIG, SIGUSR1));
	TRY(prctl(PR_GET_PDEATHSIG, &n));
	printf("%d\n", n);
	TRY(prctl(PR_SET_PDEATHSIG, 99));
	TRY(prctl(PR_GET_PDEATHSIG, 8));
	TRY(prctl(PR_GET_DUMPABLE));
	TRY(prctl(PR_SET_DUMPABLE, 0));
	TRY(prctl(PR_GET_DUMPABLE));
	TRY(prctl(PR_SET_DUMPABLE, 2));
	TRY(prctl(PR_SET_DUMPABLE, 1));
	TRY(prctl(PR_SET_KEEPCAPS, 1));
	TRY(prctl(PR_GET_KEEPCAPS));
	TRY(prctl(PR_SET_KEEPCAPS, 2));
	TRY(prctl(PR_GET_TSC, &n));
	printf("%d\n", n);
	TRY(prctl(PR_GET_TSC, 8));
	TRY(prctl(PR_SET_TSC, 0));
	TRY(prctl(PR_SET_TSC, 3));
	TRY(prctl(PR_SET_CHILD_SUBREAPER, 1));
	TRY(prctl(PR_GET_CHILD_SUBREAPER, &n));
	printf("%d\n", n);
	TRY(prctl(PR_SET_NAME, "a name that is long"));
	TRY(prctl(PR_GET_NAME, name));
	printf("%s\n", name);
	show_file("/proc/self/comm");
	show_status("Name:");
	TRY(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
	TRY(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
	TRY(prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0));
	TRY(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0));
	TRY(prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0));
	TRY(prctl(PR_GET_IO_FLUSHER, 0, 0, 0, 0));
	TRY(prctl(PR_SET_IO_FLUSHER, 0, 0, 0, 0));
	TRY(prctl(PR_SET_SECUREBITS, 1));
	TRY(prctl(PR_GET_SECUREBITS));
	TRY(prctl(PR_CAPBSET_READ, 0));
	TRY(prctl(PR_CAPBSET_DROP, 0));
	TRY(prctl(PR_CAPBSET_READ, 0));
	show_status("CapBnd:");
	TRY(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	TRY(prctl(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0));
	TRY(prctl(PR_GET_SECCOMP));
	TRY(prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, &n, 0, 0));
	TRY(prctl(PR_GET_TID_ADDRESS, &a));
	TRY(prctl(PR_GET_SPECULATION_CTRL, 99, 0, 0, 0));
	TRY(prctl(9999));
	TRY(prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, 8, 4096, "x"));
}

/* A field of /proc/self/stat, counted from the third. */
static uint64_t stat_field(int n)
{
	char text[1024] = "", *p, *save;
	int fd = open("/proc/self/stat", O_RDONLY);
	CHECK(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	p = strtok_r(strrchr(text, ')') + 1, " ", &save);
	while (n-- > 3)
		p = strtok_r(NULL, " ", &save);
	return strtoull(p, NULL, 10);
}

/* As a program that changes its title does. */
static void set_mm(void)
{
	static const char title[] = "another\0command";
	char text[64] = "", *old = sbrk(0);
	char *args = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(args != MAP_FAILED && memcpy(args, title, sizeof(title)));
	struct prctl_mm_map m = {.start_code = stat_field(26), .end_code = stat_field(27), .start_data = stat_field(45),
				 .end_data = stat_field(46), .start_brk = stat_field(47), .brk = (uintptr_t)old,
				 .start_stack = stat_field(28), .arg_start = (uintptr_t)args,
				 .arg_end = (uintptr_t)args + sizeof(title), .env_start = stat_field(50),
				 .env_end = stat_field(51), .exe_fd = (uint32_t)-1};
	TRY(prctl(PR_SET_MM, 99, args, 0, 0));
	TRY(prctl(PR_SET_MM, PR_SET_MM_ARG_START, 8, 0, 0));
	TRY(prctl(PR_SET_MM, PR_SET_MM_MAP, 8, sizeof(m), 0));
	TRY(prctl(PR_SET_MM, PR_SET_MM_MAP, &m, 8, 0));
	TRY(prctl(PR_SET_MM, PR_SET_MM_MAP, &m, sizeof(m), 0));
	int fd = open("/proc/self/cmdline", O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text));
	CHECK(n > 0);
	printf("%d %s\n", n == sizeof(title), n == sizeof(title) ? text + 8 : "");
	close(fd);
	CHECK(sbrk(0) == old && sbrk(8192) == old);
	memset(old, 1, 8192);
	CHECK(sbrk(-8192) == old + 8192);
}

static void others(void)
{
	TRY(syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 5));
	TRY(syscall(SYS_ioprio_get, 1, 0));
	TRY(syscall(SYS_ioprio_set, 1, getppid() < 0, 3 << 13));
	TRY(syscall(SYS_ioprio_get, 1, 0));
	TRY(syscall(SYS_ioprio_set, 1, 0, 9 << 13));
	TRY(syscall(SYS_ioprio_set, 9, 0, 0));
	TRY(syscall(SYS_ioprio_get, 1, 999999999));
	TRY(nice(3));
	TRY(getpriority(PRIO_PROCESS, 0));
	TRY(setpriority(PRIO_PROCESS, 999999999, 1));
	TRY(setpriority(9, 0, 1));
	TRY(personality(0xffffffff));
	TRY(personality(ADDR_NO_RANDOMIZE));
	TRY(personality(0xffffffff));
	show_file("/proc/self/personality");
	int fd = open("/proc/self/oom_score_adj", O_RDWR);
	CHECK(fd >= 0);
	TRY(write(fd, "500", 3));
	TRY(write(fd, "5000", 4));
	close(fd);
	show_file("/proc/self/oom_score_adj");
	TRY(umask(027));
	show_status("Umask:");
	show_status("TracerPid:");
	show_status("Seccomp");
	show_status("NoNewPrivs:");
	show_status("State:");
	TRY(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 1));
	TRY(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	TRY(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	show_status("NoNewPrivs:");
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_SETMASK, &set, NULL);
	signal(SIGHUP, SIG_IGN);
	show_status("SigBlk:");
	show_status("SigIgn:");
	show_status("SigCgt:");
}

static void limits(void)
{
	static const int which[] = {RLIMIT_NOFILE, RLIMIT_STACK, RLIMIT_CORE, RLIMIT_AS, RLIMIT_NICE, RLIMIT_RTPRIO, RLIMIT_CPU,
				    RLIMIT_SIGPENDING};
	for (size_t i = 0; i < sizeof(which) / sizeof(*which); i++) {
		struct rlimit r;
		CHECK(!getrlimit(which[i], &r));
		printf("%d: %ld %ld\n", which[i], (long)r.rlim_cur, (long)r.rlim_max);
		r.rlim_cur = r.rlim_cur / 2;
		if (which[i] == RLIMIT_AS)
			r.rlim_cur = 1L << 40;
		TRY(setrlimit(which[i], &r));
		CHECK(!getrlimit(which[i], &r));
		printf("%d: %ld %ld\n", which[i], (long)r.rlim_cur, (long)r.rlim_max);
	}
	show_file("/proc/self/limits");
	struct rlimit bad = {2, 1};
	TRY(setrlimit(RLIMIT_NOFILE, &bad));
	TRY(setrlimit(99, &bad));
	TRY(syscall(SYS_prlimit64, 999999999, RLIMIT_NOFILE, NULL, &bad));
}

/* A child shows its parent, which waits: nobody traces it, and it sleeps. */
static void seen_by_another(void)
{
	pid_t me = getpid(), c = fork();
	if (!c) {
		char path[40], line[200];
		wait_sleeping(me);
		snprintf(path, sizeof(path), "/proc/%d/status", me);
		FILE *f = fopen(path, "r");
		while (fgets(line, sizeof(line), f)) {
			if (!strncmp(line, "TracerPid", 9) || !strncmp(line, "State", 5) || !strncmp(line, "SigBlk", 6))
				printf("%s", line);
		}
		exit(0);
	}
	reap(c, 0);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	prctls();
	set_mm();
	others();
	limits();
	fflush(stdout);
	seen_by_another();
	return 0;
}

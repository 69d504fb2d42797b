/* Signals that are ignored do not end a call that waits, nor make it wait longer or shorter, nor
 * cut a transfer short. Handlers do, and so does a stop. */
#include "check.h"

static int ep, sem, sv[2], pp[2];
static sigset_t waited, none;
static char big[1 << 20];

static long do_epoll_wait(int ms)
{
	struct epoll_event ev;
	return epoll_wait(ep, &ev, 1, ms);
}

static long do_epoll_pwait(int ms)
{
	struct epoll_event ev;
	return epoll_pwait(ep, &ev, 1, ms, &none);
}

static long do_epoll_pwait2(int ms)
{
	struct epoll_event ev;
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000};
	return syscall(441, ep, &ev, 1, ms < 0 ? NULL : &ts, NULL, 8L);
}

static long do_sigtimedwait(int ms)
{
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000};
	return sigtimedwait(&waited, NULL, ms < 0 ? NULL : &ts);
}

static long do_semtimedop(int ms)
{
	struct sembuf op = {0, -1, 0};
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000};
	return semtimedop(sem, &op, 1, ms < 0 ? NULL : &ts);
}

static long do_poll(int ms)
{
	return poll(NULL, 0, ms);
}

static long do_nanosleep(int ms)
{
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000};
	return nanosleep(&ts, NULL);
}

static long do_recv(int ms)
{
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};
	CHECK(!setsockopt(sv[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	return recv(sv[0], big, sizeof(big), 0);
}

static const struct {
	const char *name;
	long (*call)(int ms);
} calls[] = {{"epoll_wait", do_epoll_wait},	{"epoll_pwait", do_epoll_pwait},   {"epoll_pwait2", do_epoll_pwait2},
	     {"sigtimedwait", do_sigtimedwait}, {"semtimedop", do_semtimedop}, {"poll", do_poll},
	     {"nanosleep", do_nanosleep},	{"recv", do_recv}};

static long ms_since(const struct timespec *a)
{
	struct timespec b;
	clock_gettime(CLOCK_MONOTONIC, &b);
	return (b.tv_sec - a->tv_sec) * 1000 + (b.tv_nsec - a->tv_nsec) / 1000000;
}

/* Send `to` each of the signals, again and again, until killed. */
static pid_t sender(pid_t to, const int *sigs)
{
	pid_t p = fork();
	if (p)
		return p;
	close(pp[1]);
	for (;;) {
		for (const int *s = sigs; *s; s++) {
			pause_ms(5);
			kill(to, *s);
		}
	}
}

static void end(pid_t p)
{
	CHECK(!kill(p, SIGKILL) && waitpid(p, NULL, 0) == p);
}

static void wait_in_each(void)
{
	const int sigs[] = {SIGUSR2, SIGCHLD, SIGURG, SIGWINCH, SIGCONT, SIGRTMAX, 0};
	struct timespec t0;
	pid_t p = sender(getpid(), sigs);
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		clock_gettime(CLOCK_MONOTONIC, &t0);
		errno = 0;
		long r = calls[i].call(120);
		int e = r < 0 ? errno : 0;
		printf("%s: %ld %s%s\n", calls[i].name, r, e ? strerror(e) : "", ms_since(&t0) < 119 ? ", early" : "");
	}
	end(p);
}

/* A megabyte into a pipe that is read slowly. */
static void transfers(void)
{
	const int sigs[] = {SIGUSR2, SIGCHLD, SIGURG, SIGRTMAX, 0};
	pid_t p = sender(getpid(), sigs), reader = fork();
	if (!reader) {
		close(pp[1]);
		for (int i = 0; read(pp[0], big, sizeof(big)) > 0; i++)
			pause_ms(i < 16 ? 4 : 0);
		_exit(0);
	}
	close(pp[0]);
	printf("write: %zd\n", write(pp[1], big, sizeof(big)));
	struct iovec v[2] = {{big, 300000}, {big, 300001}};
	printf("writev: %zd\n", writev(pp[1], v, 2));
	close(pp[1]);
	CHECK(waitpid(reader, NULL, 0) == reader);
	pid_t writer = fork();
	if (!writer) {
		for (int i = 0; i < 20; i++, pause_ms(4))
			CHECK(write(sv[1], big, 1000) == 1000);
		_exit(0);
	}
	struct timeval none = {0, 0};
	CHECK(!setsockopt(sv[0], SOL_SOCKET, SO_RCVTIMEO, &none, sizeof(none)));
	printf("recv: %zd\n", recv(sv[0], big, 20000, MSG_WAITALL));
	end(p);
	CHECK(waitpid(writer, NULL, 0) == writer);
}

static void on_signal(int sig)
{
	(void)sig;
}

static void by_handler(void)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART | SA_RESETHAND};
		CHECK(!sigaction(SIGUSR1, &sa, NULL));
		pid_t me = getpid(), p = fork();
		if (!p) {
			wait_sleeping(me);
			kill(me, SIGUSR2);
			wait_sleeping(me);
			kill(me, SIGUSR1);
			_exit(0);
		}
		long r = calls[i].call(20000);
		printf("%s with a handler: %ld %s\n", calls[i].name, r, r < 0 ? strerror(errno) : "");
		CHECK(waitpid(p, NULL, 0) == p);
	}
}

/* What the calls return after SIGSTOP and SIGCONT; what is restarted takes its time. */
static void by_stop(void)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		pid_t p = fork();
		if (!p) {
			long r = calls[i].call(300);
			printf("%s when stopped: %ld %s\n", calls[i].name, r, r < 0 ? strerror(errno) : "");
			exit(0);
		}
		int st;
		wait_sleeping(p);
		kill(p, SIGCONT);
		wait_sleeping(p);
		CHECK(!kill(p, SIGSTOP) && waitpid(p, &st, WUNTRACED) == p && WIFSTOPPED(st));
		CHECK(!kill(p, SIGCONT));
		reap(p, 0);
	}
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGUSR2, SIG_IGN);
	signal(SIGRTMAX, SIG_IGN);
	sigemptyset(&none);
	sigemptyset(&waited);
	sigaddset(&waited, SIGRTMIN + 3);
	sigprocmask(SIG_BLOCK, &waited, NULL);
	CHECK((ep = epoll_create1(0)) >= 0 && (sem = semget(IPC_PRIVATE, 1, 0600)) >= 0);
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, sv) && !pipe(pp));
	wait_in_each();
	transfers();
	by_handler();
	by_stop();
	CHECK(!semctl(sem, 0, IPC_RMID));
	return 0;
}

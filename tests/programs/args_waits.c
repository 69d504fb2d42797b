/* poll, select, epoll, futex, wait4 and their kin with arguments that the kernel refuses, where something is ready
 * and where nothing is. */
#include "args.h"

#include <linux/futex.h>

static int pp[2], ep, fd;
static struct timespec zero;
static sigset_t set;

static void polls(void)
{
	struct pollfd p = {fd, POLLIN, 0}, many[40];
	struct timespec ts;
	for (int i = 0; i < 40; i++)
		many[i] = (struct pollfd){fd, POLLIN, 0};
	for (size_t i = 0; i < BAD_TIMES; i++) {
		ts = bad_times[i];
		CHECK(TRY(ppoll, &p, 1, &ts, NULL, 8) == -1 && errno == EINVAL);
		CHECK(TRY(ppoll, NULL, 0, &ts, NULL, 8) == -1 && errno == EINVAL);
		TRY(ppoll, BAD_PTR, 1, &ts, NULL, 8);
		printf("%ld %ld left\n", (long)ts.tv_sec, ts.tv_nsec);
	}
	TRY(ppoll, &p, 1, BAD_PTR, NULL, 8);
	TRY(ppoll, BAD_PTR, 1, &zero, NULL, 8);
	TRY(ppoll, &p, 1, &zero, &set, 4);
	TRY(ppoll, &p, 1, &zero, &set, 16);
	TRY(ppoll, &p, 1, &zero, NULL, 4);
	TRY(ppoll, &p, 1, &zero, BAD_PTR, 8);
	TRY(ppoll, &p, 1L << 32 | 1, &zero, NULL, 8);
	TRY(ppoll, &p, -1L, &zero, NULL, 8);
	TRY(poll, &p, 1, 0);
	TRY(poll, &p, -1L, 0);
	TRY(poll, BAD_PTR, 1, 0);
	TRY(poll, NULL, 0, 0);
	TRY(poll, many, 40, 0);
	struct rlimit old, few = {20, 20};
	CHECK(!getrlimit(RLIMIT_NOFILE, &old));
	few.rlim_max = old.rlim_max;
	CHECK(!setrlimit(RLIMIT_NOFILE, &few));
	TRY(poll, many, 21, 0);
	TRY(poll, many, 20, 0);
	CHECK(!setrlimit(RLIMIT_NOFILE, &old));
}

static void selects(void)
{
	fd_set r, bad;
	struct timespec ts;
	struct {
		const sigset_t *mask;
		size_t size;
	} mask4 = {&set, 4}, none4 = {NULL, 4}, bad8 = {BAD_PTR, 8};
	static const struct timeval bad_vals[] = {{0, -1}, {-1, 0}, {-1, 999999}, {1, -1000001}, {INT64_MIN, 0}};
	struct timeval tv;
	FD_ZERO(&bad);
	FD_SET((int)BAD_FD, &bad);
	for (size_t i = 0; i < BAD_TIMES; i++) {
		FD_ZERO(&r);
		FD_SET(fd, &r);
		ts = bad_times[i];
		CHECK(TRY(pselect6, fd + 1, &r, NULL, NULL, &ts, NULL) == -1 && errno == EINVAL);
		CHECK(TRY(pselect6, 0, NULL, NULL, NULL, &ts, NULL) == -1 && errno == EINVAL);
		TRY(pselect6, -1L, &r, NULL, NULL, &ts, NULL);
	}
	for (size_t i = 0; i < sizeof(bad_vals) / sizeof(*bad_vals); i++) {
		FD_ZERO(&r);
		FD_SET(fd, &r);
		tv = bad_vals[i];
		CHECK(TRY(select, fd + 1, &r, NULL, NULL, &tv) == -1 && errno == EINVAL);
		TRY(select, 0, NULL, NULL, NULL, &tv);
	}
	FD_ZERO(&r);
	FD_SET(fd, &r);
	tv = (struct timeval){0, 1000000}; /* is a second */
	TRY(select, fd + 1, &r, NULL, NULL, &tv);
	tv = (struct timeval){0, 0};
	TRY(select, -1L, &r, NULL, NULL, &tv);
	TRY(select, fd + 1, BAD_PTR, NULL, NULL, &tv);
	TRY(select, fd + 1, &r, NULL, NULL, BAD_PTR);
	TRY(select, BAD_FD + 1, &bad, NULL, NULL, &tv);
	TRY(select, 0, BAD_PTR, BAD_PTR, BAD_PTR, &tv);
	TRY(pselect6, fd + 1, &r, NULL, NULL, &zero, &mask4);
	TRY(pselect6, fd + 1, &r, NULL, NULL, &zero, &none4);
	TRY(pselect6, fd + 1, &r, NULL, NULL, &zero, &bad8);
	TRY(pselect6, fd + 1, &r, NULL, NULL, &zero, BAD_PTR);
}

static void epolls(void)
{
	struct epoll_event ev[4], e = {.events = EPOLLIN};
	struct timespec ts;
	for (size_t i = 0; i < BAD_TIMES; i++) {
		ts = bad_times[i];
		CHECK(TRY(epoll_pwait2, ep, ev, 4, &ts, NULL, 8) == -1 && errno == EINVAL);
		TRY(epoll_pwait2, BAD_FD, ev, 4, &ts, NULL, 8);
		TRY(epoll_pwait2, ep, ev, 0, &ts, NULL, 8);
	}
	TRY(epoll_pwait2, ep, ev, 4, BAD_PTR, NULL, 8);
	TRY(epoll_pwait2, ep, ev, 4, &zero, &set, 4);
	TRY(epoll_pwait2, ep, ev, 4, &zero, NULL, 4);
	TRY(epoll_pwait2, ep, ev, 4, &zero, BAD_PTR, 8);
	TRY(epoll_pwait, ep, ev, 4, 0, &set, 4);
	TRY(epoll_pwait, ep, ev, 4, 0, NULL, 4);
	TRY(epoll_wait, ep, ev, 0, 0);
	TRY(epoll_wait, ep, ev, -1L, 0);
	TRY(epoll_wait, ep, ev, INT32_MAX, 0);
	TRY(epoll_wait, ep, BAD_PTR, 4, 0);
	TRY(epoll_wait, pp[0], ev, 4, 0);
	TRY(epoll_wait, BAD_FD, ev, 4, 0);
	TRY(epoll_ctl, ep, 9, fd, &e);
	TRY(epoll_ctl, ep, EPOLL_CTL_ADD, ep, &e);
	TRY(epoll_ctl, ep, EPOLL_CTL_ADD, BAD_FD, &e);
	TRY(epoll_ctl, ep, EPOLL_CTL_ADD, pp[0], BAD_PTR);
	TRY(epoll_create, 0);
	TRY(epoll_create1, 1);
}

static void futexes(void)
{
	static uint32_t word = 1;
	struct timespec ts;
	for (size_t i = 0; i < BAD_TIMES; i++) {
		ts = bad_times[i];
		TRY(futex, &word, FUTEX_WAIT, 0, &ts, NULL, 0);
		TRY(futex, &word, FUTEX_WAIT, 1, &ts, NULL, 0);
		TRY(futex, &word, FUTEX_WAIT_BITSET, 0, &ts, NULL, -1L);
	}
	TRY(futex, &word, FUTEX_WAIT, 0, BAD_PTR, NULL, 0);
	TRY(futex, &word, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0);
	TRY(futex, &word, FUTEX_WAIT_BITSET, 1, NULL, NULL, 0);
	TRY(futex, (char *)&word + 1, FUTEX_WAIT, 0, NULL, NULL, 0);
	TRY(futex, (char *)&word + 1, FUTEX_WAKE, 1, NULL, NULL, 0);
	TRY(futex, BAD_PTR, FUTEX_WAIT, 0, NULL, NULL, 0);
	TRY(futex, BAD_PTR, FUTEX_WAKE, 1, NULL, NULL, 0);
	TRY(futex, &word, FUTEX_WAKE, -1L, NULL, NULL, 0);
	TRY(futex, &word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0);
	TRY(futex, &word, FUTEX_WAIT | 0x200, 0, NULL, NULL, 0);
	TRY(futex, &word, FUTEX_WAIT | 0x200, 1, NULL, NULL, 0);
	TRY(futex, &word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0);
	TRY(futex, &word, 77, 1, NULL, NULL, 0);
	TRY(futex, &word, FUTEX_CMP_REQUEUE, 1, 1, &word, 0);
	TRY(futex, &word, FUTEX_REQUEUE, -1L, 1, &word, 0);
}

static void others(void)
{
	sigset_t old;
	struct sigaction sa = {.sa_handler = SIG_IGN};
	TRY(wait4, -1L, NULL, WNOHANG, NULL);
	TRY(wait4, -1L, NULL, WNOHANG | 0x100, NULL);
	TRY(wait4, INT32_MIN, NULL, WNOHANG, NULL);
	TRY(rt_sigprocmask, 3, &set, NULL, 8);
	TRY(rt_sigprocmask, 3, NULL, &old, 8);
	TRY(rt_sigprocmask, SIG_BLOCK, &set, NULL, 4);
	TRY(rt_sigprocmask, SIG_BLOCK, BAD_PTR, NULL, 8);
	TRY(rt_sigprocmask, SIG_BLOCK, NULL, BAD_PTR, 8);
	TRY(rt_sigaction, 0, NULL, NULL, 8);
	TRY(rt_sigaction, 65, NULL, NULL, 8);
	TRY(rt_sigaction, SIGKILL, &sa, NULL, 8);
	TRY(rt_sigaction, SIGUSR1, BAD_PTR, NULL, 8);
	TRY(rt_sigaction, SIGUSR1, NULL, BAD_PTR, 8);
	TRY(rt_sigaction, SIGUSR1, NULL, NULL, 4);
	TRY(rt_sigpending, &old, 16);
	TRY(rt_sigpending, BAD_PTR, 8);
	TRY(prlimit64, 0, 99, NULL, NULL);
	TRY(prlimit64, 0, RLIMIT_NOFILE, NULL, BAD_PTR);
	TRY(getrlimit, 16, BAD_PTR);
	TRY(setitimer, 3, NULL, NULL);
	TRY(timerfd_create, 99, 0);
	TRY(clock_gettime, 99, NULL);
	TRY(sigaltstack, BAD_PTR, NULL);
}

int main(void)
{
	CHECK(!pipe(pp) && (fd = eventfd(1, 0)) >= 0 && (ep = epoll_create1(0)) >= 0);
	struct epoll_event ev = {.events = EPOLLIN};
	CHECK(!epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	for (int ready = 1; ready >= 0; ready--) {
		uint64_t n;
		printf("--- ready: %d\n", ready);
		polls();
		selects();
		epolls();
		if (ready)
			CHECK(read(fd, &n, 8) == 8);
	}
	futexes();
	others();
	return 0;
}

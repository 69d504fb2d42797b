# Lines of `reprise trace` are those of strace 6.1, side by side on real programs. Compared without what differs
# between any two runs: addresses, process numbers, times, random bytes.
command -v strace >/dev/null || { echo "skipped: there is no strace"; exit 0; }
case $(strace --version | head -1) in
*" 6.1") ;;
*) echo "skipped: this is not strace 6.1, with which the lines are compared"; exit 0 ;;
esac
strace -o /dev/null true 2>/dev/null || { echo "skipped: strace cannot trace here"; exit 0; }
cat > compare.py <<'P'
import difflib, re, sys
def lines(name):
    open_, out, order = {}, {}, []
    for l in open(name, errors="replace"):
        pid, text = l.split(None, 1)
        text = text.rstrip("\n")
        if pid not in out:
            out[pid] = []
            order.append(pid)
        if text.endswith(" <unfinished ...>") and not text.startswith("<..."):
            open_[pid] = text[:-len(" <unfinished ...>")]
            continue
        m = re.match(r"<\.\.\. \w+ resumed>(.*)", text)
        if m and pid in open_:
            text = open_.pop(pid) + m[1]
        text = re.sub(r"\s+= ", " = ", text)
        text = re.sub(r"0x[0-9a-f]{5,}", "ADDRESS", text)
        if re.match(r"getrandom|getpid|getppid|gettid|set_tid_address|wait4|clone|vfork|--- SIG|kill|tgkill|ppoll|select|pselect6|getrusage|times|statfs|fstatfs|rt_sigreturn|sysinfo|clock_adjtime|adjtimex|add_key|request_key|keyctl\(KEYCTL_(JOIN|GET)_", text):
            text = re.sub(r'^(getrandom\()"[^"]*"', r"\1BYTES", text)
            text = re.sub(r"\d+( /\* [0-9.]+ s \*/)?", "N", text)
        text = re.sub(r'^read\(3, ".*, (4|44)\)', "read(3, SEED)", text) # of perl and sqlite3, from /dev/urandom
        out[pid].append(text)
    return [out[p] for p in order]
a, b = lines(sys.argv[1]), lines(sys.argv[2])
bad = 0 if len(a) == len(b) else 1
if bad:
    print("processes: strace", len(a), "reprise", len(b))
# In order, each line as often as there: but when SIGCHLD comes is up to the scheduler.
def late(l):
    return l.startswith("--- SIGCHLD")
for x, y in zip(a, b):
    parts = [([l for l in z if not late(l)], sorted(l for l in z if late(l))) for z in (x, y)]
    for p, q in zip(*parts):
        for l in list(difflib.unified_diff(p, q, "strace", "reprise", n=0, lineterm=""))[:10]:
            print(l); bad = 1
sys.exit(bad)
P
mkdir dir; printf 'a\nb\n' > dir/a; echo c > dir/b; ln -s a dir/l; chmod 640 dir/b
side()
{
	one=0 two=0
	strace -f -o s "$@" > out1 2> err1 < /dev/null || one=$?
	rm -f new new.tar
	$REPRISE trace -o r "$@" > out2 2> err2 < /dev/null || two=$?
	[ $one = $two ] || { echo "$*: status $one under strace, $two"; exit 1; }
	python3 compare.py s r || { echo "differs: $*"; exit 1; }
	rm -f new new.tar
}
export TZ=UTC
side /bin/ls -l dir
side /bin/cat dir/a dir/nothing
side /usr/bin/find dir -name a
side /bin/cp dir/a new
side /bin/tar cf new.tar dir
side /usr/bin/perl -e 'open F, "<dir/a"; print <F>; select undef, undef, undef, 0.01; exit 3'
side /usr/bin/sqlite3 :memory: 'create table t(a); insert into t values(1); select * from t'
side /bin/sh -c '/bin/echo a; /bin/echo b > new'
side /usr/bin/sort dir/a dir/b
cat > calls.c <<'C'
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>
static void handler(int sig) { (void)sig; }
int main(void)
{
	int p[2], v = 1, q[2];
	socklen_t len = sizeof(v);
	char buf[100] = "";
	struct stat st;
	struct utsname u;
	struct rlimit rl;
	struct sigaction sa = {.sa_handler = handler, .sa_flags = SA_RESTART | SA_NODEFER | SA_ONSTACK | SA_NOCLDSTOP};
	struct timespec ts = {0, 1000000}, times[2] = {{1, 2}, {0, UTIME_OMIT}};
	struct itimerval it = {{0, 0}, {100, 0}};
	struct itimerspec its = {{0, 0}, {1, 5}};
	struct timeval tv = {0, 1000};
	struct flock fl = {.l_type = F_WRLCK};
	struct epoll_event ev = {EPOLLIN | EPOLLET, {.u64 = 7}}, got[2];
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(1)};
	struct iovec iov[2] = {{"ab", 2}, {"cde", 3}}, in_iov[2] = {{buf, 3}, {buf + 3, 50}};
	fd_set r;
	sigset_t set;
	pipe2(p, O_CLOEXEC | O_NONBLOCK);
	writev(p[1], iov, 2);
	struct pollfd pf[2] = {{p[0], POLLIN, 0}, {p[1], POLLIN | POLLPRI, 0}};
	poll(pf, 2, 0);
	poll(pf + 1, 1, 0);
	ppoll(pf, 2, &ts, NULL);
	FD_ZERO(&r);
	FD_SET(p[0], &r);
	select(p[0] + 1, &r, NULL, NULL, &tv);
	readv(p[0], in_iov, 2);
	read(p[0], buf, 10);
	int ep = epoll_create1(EPOLL_CLOEXEC);
	epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev);
	epoll_wait(ep, got, 2, 0);
	write(p[1], "\1\2\377x\"\\\n8", 8);
	epoll_wait(ep, got, 2, 0);
	int fd = open("new", O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW, 0640);
	pwrite(fd, "0123456789012345678901234567890123456789", 40, 0);
	pread(fd, buf, 5, 3);
	lseek(fd, -4, SEEK_END);
	ftruncate(fd, 10);
	fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 4096);
	flock(fd, LOCK_EX | LOCK_NB);
	fcntl(fd, F_SETLK, &fl);
	fcntl(fd, F_GETLK, &fl);
	fcntl(fd, F_GETFL);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_GETFD);
	fcntl(fd, F_DUPFD_CLOEXEC, 20);
	fchmod(fd, 0600);
	fchown(fd, -1, -1);
	utimensat(AT_FDCWD, "new", times, 0);
	fstat(fd, &st);
	stat("/dev/null", &st);
	lstat("/tmp", &st);
	syscall(SYS_faccessat2, AT_FDCWD, "new", R_OK | W_OK, AT_EACCESS);
	mkdir("sub", 0755);
	rename("new", "sub/x");
	symlink("x", "sub/y");
	readlink("sub/y", buf, sizeof(buf));
	unlinkat(AT_FDCWD, "sub/y", 0);
	unlink("sub/x");
	unlinkat(AT_FDCWD, "sub", AT_REMOVEDIR);
	umask(022);
	getcwd(buf, 1);
	void *m = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	mprotect(m, 4096, PROT_NONE);
	madvise(m, 8192, MADV_DONTNEED);
	m = mremap(m, 4096, 4096, MREMAP_MAYMOVE);
	msync(m, 4096, MS_SYNC);
	munmap(m, 4096);
	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGUSR1, NULL, &sa);
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigprocmask(SIG_SETMASK, NULL, &set);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGRTMIN + 2);
	sigprocmask(SIG_SETMASK, &set, NULL);
	kill(getpid(), SIGUSR1);
	raise(SIGUSR1);
	setitimer(ITIMER_VIRTUAL, &it, NULL);
	alarm(100);
	alarm(0);
	nanosleep(&ts, NULL);
	int tfd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	timerfd_settime(tfd, TFD_TIMER_ABSTIME, &its, NULL);
	eventfd(3, EFD_SEMAPHORE);
	int ino = inotify_init1(IN_CLOEXEC);
	inotify_add_watch(ino, "dir", IN_CREATE | IN_DELETE);
	int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &v, sizeof(v));
	setsockopt(s, IPPROTO_TCP, 1, &v, sizeof(v));
	getsockopt(s, SOL_SOCKET, SO_TYPE, &v, &len);
	connect(s, (void *)&in, sizeof(in));
	getsockopt(s, SOL_SOCKET, SO_ERROR, &v, &len);
	socketpair(AF_UNIX, SOCK_DGRAM, 0, q);
	struct msghdr mh = {.msg_iov = iov, .msg_iovlen = 2}, mi = {.msg_iov = in_iov, .msg_iovlen = 2};
	sendmsg(q[0], &mh, MSG_NOSIGNAL);
	recvmsg(q[1], &mi, 0);
	sendto(q[0], "hello", 5, MSG_DONTWAIT, NULL, 0);
	recvfrom(q[1], buf, 100, MSG_PEEK, NULL, NULL);
	shutdown(q[0], SHUT_WR);
	getrlimit(RLIMIT_NOFILE, &rl);
	prctl(PR_SET_NAME, "name");
	prctl(PR_SET_DUMPABLE, 1);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	uname(&u);
	getpriority(PRIO_PROCESS, 0);
	ioctl(p[0], FIONREAD, &v);
	ioctl(p[0], FIONBIO, &v);
	ioctl(0, TIOCGWINSZ, buf);
	close(-1);
	syscall(SYS_close_range, 30, 40, 0);
	if (!fork())
		_exit(3);
	wait(&v);
	if (!fork())
		kill(getpid(), SIGKILL);
	wait(NULL);
	dup2(p[0], 29);
	dup3(p[0], 28, O_CLOEXEC);
	sync();
	return 9;
}
C
cc -w calls.c -o calls || exit 1
side ./calls
# Terminals, capabilities, the state of the clock, keys.
cat > kernel.c <<'C'
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <termios.h>
#include <time.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
	int m = posix_openpt(O_RDWR | O_NOCTTY), v;
	struct termios t;
	struct timex x = {0};
	unsigned n = 0;
	grantpt(m); unlockpt(m);
	ioctl(m, TIOCGPTN, &n);
	char name[30]; sprintf(name, "/dev/pts/%u", n);
	int s = open(name, O_RDWR | O_NOCTTY);
	struct winsize w = {24, 80, 1, 2};
	tcgetattr(s, &t);
	cfmakeraw(&t);
	tcsetattr(s, TCSANOW, &t);
	tcsetattr(s, TCSADRAIN, &t);
	tcsetattr(s, TCSAFLUSH, &t);
	tcgetattr(s, &t);
	ioctl(s, TIOCSWINSZ, &w);
	ioctl(s, TIOCGWINSZ, &w);
	ioctl(s, TIOCGPGRP, &v);
	ioctl(s, TCFLSH, TCIFLUSH);
	ioctl(s, TCXONC, TCOON);
	ioctl(s, TCSBRK, 1);
	ioctl(s, TIOCOUTQ, &v);
	struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct d[2];
	syscall(SYS_capget, &h, NULL);
	h.version = 0; syscall(SYS_capget, &h, d);
	h.version = _LINUX_CAPABILITY_VERSION_3; syscall(SYS_capget, &h, d);
	syscall(SYS_capset, &h, d);
	d[0].inheritable = d[0].permitted = 1 << CAP_CHOWN; d[1].permitted = 1; d[1].effective=0; d[0].effective=0;d[1].inheritable=0;
	if (!fork()) { syscall(SYS_capset, &h, d); _exit(0); }
	wait(NULL);
	adjtimex(&x);
	x.modes = ADJ_OFFSET_SS_READ; adjtimex(&x);
	x.modes = ADJ_FREQUENCY | ADJ_STATUS; x.status = STA_PLL; 
	clock_adjtime(CLOCK_TAI, &x);
	x.modes = 0; clock_adjtime(CLOCK_REALTIME, &x);
	syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "name");
	syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_PROCESS_KEYRING, name, 30);
	syscall(SYS_keyctl, KEYCTL_READ, 12345, name, 30);
	syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user", "desc", 0);
	syscall(SYS_keyctl, KEYCTL_SETPERM, 77, 0x3f3f0000);
	syscall(SYS_keyctl, KEYCTL_CHOWN, 77, 0, -1);
	syscall(SYS_keyctl, KEYCTL_REVOKE, 77);
	syscall(SYS_keyctl, KEYCTL_LINK, 77, KEY_SPEC_THREAD_KEYRING);
	syscall(SYS_keyctl, KEYCTL_UNLINK, 77, KEY_SPEC_THREAD_KEYRING);
	syscall(SYS_keyctl, KEYCTL_SET_TIMEOUT, 77, 10);
	syscall(SYS_keyctl, KEYCTL_UPDATE, 77, "abc", 3);
	syscall(SYS_keyctl, KEYCTL_CLEAR, 77);
	syscall(SYS_keyctl, KEYCTL_INVALIDATE, 77);
	syscall(SYS_keyctl, KEYCTL_GET_PERSISTENT, 0, KEY_SPEC_PROCESS_KEYRING);
	syscall(SYS_keyctl, KEYCTL_SET_REQKEY_KEYRING, KEY_REQKEY_DEFL_NO_CHANGE);
	syscall(SYS_keyctl, 99, 1,2,3,4);
	syscall(SYS_add_key, "user", "d", "payload", 7, KEY_SPEC_PROCESS_KEYRING);
	syscall(SYS_request_key, "user", "d", NULL, KEY_SPEC_PROCESS_KEYRING);
	int nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	setsockopt(nl, SOL_NETLINK, NETLINK_EXT_ACK, &v, 4);
	return 0;
}
C
cc -w kernel.c -o kernel || exit 1
side ./kernel

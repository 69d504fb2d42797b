# `reprise trace`: stacks of calls (-k), what descriptors lead to (-yy), delays of one task, threads of a process that runs.
fail()
{
	echo "$*"
	tail -5 t
	exit 1
}
cat > stack.c <<'C'
#include <sys/syscall.h>
#include <unistd.h>
__attribute__((noinline)) long inner(void) { long r = syscall(SYS_getppid); __asm__ volatile(""); return r; }
__attribute__((noinline)) long outer(void) { long r = inner(); __asm__ volatile(""); return r; }
int main(void) { long r = outer(); __asm__ volatile(""); return r == 0; }
C
cc -O1 stack.c -o stack
$REPRISE trace -k -e trace=getppid,exit_group -o t ./stack
tr -d '\n' < t | grep -qE 'getppid\(\) += [0-9]+ > [^ ]*/libc[^ ]*\(syscall\+0x[0-9a-f]+\) \[0x[0-9a-f]+\] > '$PWD'/stack\(inner\+0x[0-9a-f]+\) \[0x[0-9a-f]+\] > '$PWD'/stack\(outer\+0x[0-9a-f]+\) \[0x[0-9a-f]+\] > '$PWD'/stack\(main\+0x' || fail "-k"
grep -A2 exit_group t | grep -q '^ > .*/libc' || fail "-k: of a call that does not return"
# Its place in the file is the one that addr2line and objdump know: that behind the call of inner in outer.
at=$(sed -n 's/.*(outer+.*\[0x\(.*\)\]/\1/p' t)
objdump -d --no-show-raw-insn stack | grep -B1 "^ *$at:" | grep -q 'call.*<inner>' || fail "-k: $at is not behind the call"
$REPRISE trace -k --json -e trace=getppid -o t ./stack
python3 -c 'import json; s = json.loads(open("t").readline())["stack"]; assert "/stack(inner+0x" in s[1] and "/stack(outer+0x" in s[2], s'

cat > fds.c <<'C'
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>
#define CALL(fd) syscall(SYS_fchmod, fd, -1)
int main(void)
{
	int null = open("/dev/null", O_RDONLY), l = socket(AF_INET, SOCK_STREAM, 0), c = socket(AF_INET, SOCK_STREAM, 0), p[2];
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 a6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_un u = {AF_UNIX, "sock"};
	socklen_t len = sizeof(a);
	dup2(null, 10);
	dup2(c, 11);
	CALL(10);
	CALL(11);
	bind(l, (void *)&a, sizeof(a));
	listen(l, 1);
	getsockname(l, (void *)&a, &len);
	connect(c, (void *)&a, sizeof(a));
	dup2(l, 12);
	CALL(12);
	CALL(11);
	dup2(socket(AF_INET6, SOCK_DGRAM, 0), 13);
	if (bind(13, (void *)&a6, sizeof(a6)))
		puts("no IPv6");
	CALL(13);
	socketpair(AF_UNIX, SOCK_STREAM, 0, p);
	dup2(p[0], 14);
	CALL(14);
	dup2(socket(AF_UNIX, SOCK_STREAM, 0), 15);
	bind(15, (void *)&u, sizeof(u));
	CALL(15);
	dup2(syscall(SYS_pidfd_open, getpid(), 0), 16);
	CALL(16);
	return 0;
}
C
cc -w fds.c -o fds
$REPRISE trace -yy -e trace=fchmod -o t ./fds > out
has() { grep -qE "fchmod\($1<$2>, " t || fail "-yy: $1 is not $2"; }
has 10 '/dev/null<char 1:3>'
has 11 'TCP:\[[0-9]+\]'
has 12 'TCP:\[127\.0\.0\.1:[0-9]+\]'
has 11 'TCP:\[127\.0\.0\.1:[0-9]+->127\.0\.0\.1:[0-9]+\]'
grep -q "no IPv6" out || has 13 'UDPv6:\[\[::1\]:[0-9]+\]'
has 14 'UNIX-STREAM:\[[0-9]+->[0-9]+\]'
has 15 'UNIX-STREAM:\[[0-9]+,"sock"\]'
has 16 'pid:[0-9]+'
# The same as strace, but for the numbers.
if strace --version 2>/dev/null | head -1 | grep -q ' 6\.1$' && strace -o /dev/null true 2>/dev/null; then
	rm sock; strace -yy -e trace=fchmod -o s ./fds > out; rm sock; $REPRISE trace -yy --no-follow -e trace=fchmod -o t ./fds > out
	for f in s t; do sed -E 's/127\.0\.0\.1/LOCAL/g; s/([^0-9(])[0-9]{2,}/\1N/g; s/ +=/ =/' $f > $f.n; done
	diff s.n t.n || fail "-yy: not as strace"
fi

# An hour at a call is the task's own: its parent goes on, and kills it.
cat > held.c <<'C'
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	int p[2], st;
	char c;
	pipe(p);
	pid_t pid = fork();
	if (!pid) {
		close(p[0]);
		write(p[1], "a", 1);
		write(p[1], "b", 1);
		_exit(0);
	}
	close(p[1]);
	if (read(p[0], &c, 1) != 1)
		return 1;
	/* delay_exit: the child is held behind the first write; delay_enter: before the second. */
	kill(pid, SIGKILL);
	waitpid(pid, &st, 0);
	return read(p[0], &c, 1) == 0 && WIFSIGNALED(st) ? 0 : 2;
}
C
cc -w held.c -o held
timeout -k 2 50 $REPRISE trace -e trace=write -e inject=write:delay_exit=3600s:when=1 -o t ./held || fail "delay_exit: $?"
timeout -k 2 50 $REPRISE trace -e trace=write -e inject=write:delay_enter=3600s:when=2 -o t ./held || fail "delay_enter: $?"
# A short one ends, and counts in the time of the call.
$REPRISE trace -T -e trace=getppid -e inject=getppid:delay_enter=20ms -o t ./stack
awk -F'[<>]' '/getppid/ { exit !($2 >= 0.02) }' t || fail "delay_enter=20ms"

# All threads of a process that runs.
cat > threads.c <<'C'
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>
int p[3][2];
static void *f(void *arg)
{
	char c;
	while (read(p[(long)arg][0], &c, 1) == 1)
		syscall(SYS_getpgid, (long)arg + 100000000);
	return NULL;
}
int main(void)
{
	pthread_t t[3];
	char c;
	for (long i = 0; i < 3; i++) {
		pipe(p[i]);
		pthread_create(&t[i], NULL, f, (void *)i);
	}
	while (read(0, &c, 1) == 1) {
		for (int i = 0; i < 3; i++)
			write(p[i][1], &c, 1);
	}
	for (int i = 0; i < 3; i++) {
		close(p[i][1]);
		pthread_join(t[i], NULL);
	}
	return 0;
}
C
cc -w threads.c -o threads -lpthread
mkfifo in
./threads < in & pid=$!
exec 9> in
: > t
$REPRISE trace -o t -e trace=getpgid,write -p $pid 9>&- & tracer=$!
until grep -q 'getpgid(100000000' t && grep -q 'getpgid(100000001' t && grep -q 'getpgid(100000002' t; do echo >&9; sleep 0.02; kill -0 $tracer || fail "the tracer has ended"; done
[ $(sed 's/ .*//' t | sort -u | grep -c .) = 4 ] || fail "lines of four threads"
exec 9>&-
wait $pid; wait $tracer || fail "status of the tracer"
grep -c 'exited with 0' t | grep -qx 4 || fail "the ends of four threads"

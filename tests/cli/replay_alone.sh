# replay -p PID: a process is replayed alone, from its last exec on; -f: from its fork on; memory is compared as recorded.
cat > p.c <<'C'
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
/* hello N: says so, forks a child, vforks a program, and returns N. */
int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 0;
	char *m = malloc(100000);
	memset(m, n, 100000);
	printf("hello %d\n", n);
	fflush(stdout);
	if (n == 9) { /* memory that a child shares */
		int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (!fork()) {
			*shared = 7;
			_exit(0);
		}
		wait(NULL);
		return *shared + 2;
	}
	if (n == 8 || n == 7) { /* memory that 8 and another program share */
		int fd = open("shared", O_RDWR | O_CREAT, 0600);
		if (n == 8 && ftruncate(fd, 4096))
			return 1;
		int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		*shared += n;
		if (n == 8 && !fork())
			execl("./hello", "./hello", "7", (char *)NULL);
		wait(NULL);
		return *shared;
	}
	if (!fork()) {
		m[0]++;
		printf("child of %d\n", n);
		fflush(stdout);
		if (!fork()) {
			printf("grandchild of %d\n", n);
			fflush(stdout);
			_exit(m[0] + 30);
		}
		wait(NULL);
		_exit(m[0] + 20);
	}
	wait(NULL);
	if (!vfork()) {
		m[1] = 1;
		execl("/bin/echo", "echo", "from", argv[1], (char *)NULL); /* it is in a group of its own then */
	}
	wait(NULL);
	return n + m[1];
}
C
cc -O1 p.c -o hello
cat > run.sh <<'S'
for i in 1 2 3; do ./hello $i; done
./hello 9
./hello 8
(sleep 0; exec ./hello 4)
S
s=0
$REPRISE record --verify=3 -o t sh run.sh > out || s=$?
[ $s = 5 ] || { echo "recording: status $s"; exit 1; }
$REPRISE ps -j t > ps
pid() { python3 -c 'import json, sys
for l in open("ps"):
    p = json.loads(l)
    if p["command"] == sys.argv[1]: print(p["pid"])' "$1" | sed -n "$2p"; }

alone() { # status, output, arguments
	s=0
	$REPRISE replay -a --stats $3 t > o 2> err || s=$?
	[ $s = $1 ] && [ "$(cat o)" = "$2" ] && return
	echo "replay $3: status $s, output:"; cat o err; exit 1
}
alone 3 "hello 2" "-v -p $(pid './hello 2' 1)"
! grep 'alone' err || exit 1
alone 0 "from 2" "-v -p $(pid 'echo from 2' 1)"
alone 5 "hello 4" "-p $(pid './hello 4' 1)"     # forked by sh, then an exec of its own
alone 23 "child of 2" "-f $(pid './hello 2' 2)"
alone 32 "grandchild of 1" "-f $(pid './hello 1' 3)"
alone 9 "hello 9" "-p $(pid './hello 9' 1)"     # with its child, whose memory it shares
alone 15 "hello 7" "-p $(pid './hello 7' 1)"    # only with the others
grep -q 'cannot be replayed alone' err || { cat err; exit 1; }
alone 2 "hello 1" "-p hello"
alone 0 "from 1" "-p echo"
alone 5 "$(cat out)" ""

# Only what it needs is replayed.
n=$($REPRISE dump -j t | wc -l)
$REPRISE replay -a --stats -p "$(pid 'echo from 3' 1)" t 2>&1 | sed -n 's/.*: \([0-9]*\) events, \([0-9]*\) stops.*/\2/p' > stops
$REPRISE replay -a --stats t 2>&1 | sed -n 's/.*: \([0-9]*\) events, \([0-9]*\) stops.*/\2/p' > all
[ $((10 * $(cat stops))) -lt $(cat all) ] || { echo "$(cat stops) stops of $(cat all)"; exit 1; }

# What cannot be chosen is said.
refused() {
	s=0
	$REPRISE replay -a $1 t 2> err || s=$?
	[ $s = 125 ] || { echo "$1 is not refused"; exit 1; }
	grep -q "$2" err || { cat err; exit 1; }
}
refused "-p 1" "no process 1"
refused "-f 1" "forks 1"
refused "-p nothing" "runs nothing"
refused "-p $(pid './hello 2' 2)" "use -f"

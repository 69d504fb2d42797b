# Children with another user, another root, or in namespaces of their own cannot open the recorder's files: they
# get descriptors over a socket, and their calls are buffered as everybody's.
cat > child.c <<'C'
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>
static void work(void)
{
	char c;
	int f = open("/etc/hostname", O_RDONLY), z = f < 0 ? open("/f", O_RDONLY) : f;
	for (int i = 0; i < 3000; i++)
		if (pread(z, &c, 1, 0) != 1)
			exit(9);
}
int main(int argc, char **argv)
{
	int st;
	if (!strcmp(argv[1], "user") && setuid(65534))
		return 77;
	if (!strcmp(argv[1], "root") && chroot("dir"))
		return 77;
	if (!strcmp(argv[1], "namespaces") && unshare(CLONE_NEWPID | CLONE_NEWNS))
		return 77;
	if (!strcmp(argv[1], "work")) {
		work();
		return 0;
	}
	if (!fork()) {
		if (argc > 2)
			execl(argv[2], argv[2], "work", NULL);
		work();
		_exit(argc > 2);
	}
	wait(&st);
	printf("%s %d\n", argv[1], WEXITSTATUS(st));
	return 0;
}
C
cc child.c -o child
mkdir -p dir; echo x > dir/f; cc -static child.c -o dir/child; chmod 755 . child dir dir/child
try()
{
	code=0
	$REPRISE record --stats -o t "$@" > out 2> err || code=$?
	[ $code = 77 ] && { echo "skipped: $2 is not allowed here"; rm -r t; return; }
	[ $code = 0 ] && grep -q " 0$" out || { echo "$*: status $code"; cat out err; exit 1; }
	buffered=$(sed -n "s/.*, \([0-9]*\) of them buffered.*/\1/p" err)
	[ "$buffered" -gt 3000 ] || { echo "$*: $buffered calls were buffered"; cat err; exit 1; }
	$REPRISE replay -a t > again
	cmp out again
	rm -r t
}
for how in user root namespaces; do
	try ./child $how
done
try ./child user $PWD/child
try ./child root /child
try ./child namespaces $PWD/child

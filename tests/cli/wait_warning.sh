# A call that waits for a task which must not overtake it, since it writes more to memory that they share than is
# redirected, is told of by name.
cat > s.c <<'C'
/* The server is a process of its own that shares only memory: its file system goes when all are killed. */
#include "fuse_file.h"
static int dev;
static int serve(void *a)
{
	fuse_serve(dev, FUSE_DESTROY, NULL);
	return a != NULL;
}
int main(void)
{
	static char names[300000], stack[65536] __attribute__((aligned(16)));
	strcpy(fuse_path, "fuse-XXXXXX");
	dev = fuse_mount();
	if (dev < 0)
		return 9;
	clone(serve, stack + sizeof(stack), CLONE_VM | SIGCHLD, 0);
	close(dev);
	listxattr(fuse_path, names, sizeof(names));
	fuse_umount();
	return 0;
}
C
cc -O1 -w -I "$BUILD/../tests/programs" s.c -o s
./s || exit 0 # it says why
$REPRISE record -o t ./s 2> err &
pid=$!
for i in $(seq 300); do
	grep -q 'waits in' err && break
	test -d /proc/$pid || break
	sleep 0.1
done
kill -9 $pid
grep -q 'has had its turn for 5 seconds, and waits in listxattr, where it cannot be interrupted; others cannot go on' err || { cat err; exit 1; }

# A call that waits for a thread which must not overtake it, since it writes memory that they share, is told of by name.
cat > s.c <<'C'
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>
static int p[2];
static void *f(void *a)
{
	usleep(1000);
	write(p[1], "x", 1);
	return a;
}
int main(void)
{
	pthread_t t;
	int fd = open("file", O_RDWR | O_CREAT, 0600);
	ftruncate(fd, 4096);
	mmap(0, 4096, PROT_READ, MAP_SHARED, fd, 0);
	pipe(p);
	pthread_create(&t, 0, f, 0);
	splice(p[0], 0, fd, 0, 1, 0);
	return 0;
}
C
cc -O1 -w -pthread s.c -o s
$REPRISE record -o t ./s 2> err &
pid=$!
for i in $(seq 300); do
	grep -q 'waits in' err && break
	test -d /proc/$pid || break
	sleep 0.1
done
kill -9 $pid
grep -q 'has had its turn for 5 seconds, and waits in splice, where it cannot be interrupted; others cannot go on' err || { cat err; exit 1; }

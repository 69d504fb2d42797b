# A call that waits for a thread which must not overtake it, since it writes memory that they share, is told of by name.
cat > s.c <<'C'
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>
static int fd;
static void *f(void *a)
{
	usleep(1000);
	fcntl(fd, F_SETLEASE, F_UNLCK);
	return a;
}
int main(void)
{
	pthread_t t;
	signal(SIGIO, SIG_IGN);
	close(open("file", O_RDWR | O_CREAT, 0600));
	truncate("file", 4096);
	fd = open("file", O_RDONLY);
	mmap(0, 4096, PROT_READ, MAP_SHARED, fd, 0);
	if (fcntl(fd, F_SETLEASE, F_RDLCK))
		return 9;
	pthread_create(&t, 0, f, 0);
	truncate("file", 100);
	return 0;
}
C
cc -O1 -w -pthread s.c -o s
./s || { echo 'skipped: this file system has no leases'; exit 0; }
$REPRISE record -o t ./s 2> err &
pid=$!
for i in $(seq 300); do
	grep -q 'waits in' err && break
	test -d /proc/$pid || break
	sleep 0.1
done
kill -9 $pid
grep -q 'has had its turn for 5 seconds, and waits in truncate, where it cannot be interrupted; others cannot go on' err || { cat err; exit 1; }

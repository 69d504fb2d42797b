# A thread that spins where it cannot be interrupted, while another waits, is told of, once, after five seconds.
cat > s.c <<'C'
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>
static volatile int go;
static void *f(void *p) { usleep(1000); go = 1; return p; }
int main(void)
{
	pthread_t t;
	mmap(0, 300 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_create(&t, 0, f, 0);
	while (!go)
		;
	return 0;
}
C
cc -O1 -pthread s.c -o s
$REPRISE record --no-buffer -o t ./s 2> err &
pid=$!
until grep -q 'has run for 5 seconds' err; do
	[ $SECONDS -lt 100 ] || { echo "nothing is said:"; cat err; kill -9 $pid; exit 1; }
	sleep 0.2
done
sleep 6 # time for a second one, which must not come
kill -9 $pid || { echo "the recording ended by itself"; cat err; exit 1; }
[ $(grep -c 'has run for 5 seconds' err) = 1 ] || { cat err; exit 1; }

# A thread that spins, without safepoints, while another waits is told of, once, after five seconds.
cat > s.c <<'C'
#include <pthread.h>
#include <unistd.h>
static volatile int go;
static void *f(void *p) { usleep(1000); go = 1; return p; }
int main(void) { pthread_t t; pthread_create(&t, 0, f, 0); while (!go) ; return 0; }
C
cc -O1 -pthread s.c -o s
$REPRISE record --no-buffer -o t ./s 2> err &
pid=$!
sleep 6.5
kill -0 $pid || { echo "the recording ended by itself"; exit 1; }
kill -9 $pid
[ $(grep -c 'has run for 5 seconds' err) = 1 ] || { cat err; exit 1; }

# A signal that waits for a thread in a loop without calls or safepoints is told of after five seconds.
cat > s.c <<'C'
#include <signal.h>
#include <unistd.h>
static volatile int go;
static void on(int sig) { go = sig; }
int main(void) { signal(SIGALRM, on); ualarm(1000, 1000); while (!go) ; return 0; }
C
cc -O1 s.c -o s
$REPRISE record --no-buffer -o t ./s 2> err &
pid=$!
sleep 7
kill -0 $pid || { echo "the recording ended by itself"; exit 1; }
kill -9 $pid
[ $(grep -c 'a signal waits for it' err) = 1 ] || { cat err; exit 1; }

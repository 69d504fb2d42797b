/* A thread blocks in a transfer while its process ignores a signal; then another thread sets a
 * handler and sends it: that interrupts the transfer. */
#include "check.h"

static int p[2];
static sig_atomic_t handled;
static char big[1 << 20];
static pid_t writer_tid;

static void on_signal(int sig)
{
	handled = sig;
}

static void *writer(void *arg)
{
	__atomic_store_n(&writer_tid, gettid(), __ATOMIC_SEQ_CST);
	*(ssize_t *)arg = write(p[1], big, sizeof(big));
	return NULL;
}

int main(void)
{
	pthread_t t;
	ssize_t n = 0;
	struct sigaction sa = {.sa_handler = on_signal};
	CHECK(!pipe(p) && !pthread_create(&t, NULL, writer, &n));
	while (!__atomic_load_n(&writer_tid, __ATOMIC_SEQ_CST))
		pause_ms(1);
	wait_sleeping(writer_tid);
	CHECK(!pthread_kill(t, SIGURG)); /* ignored */
	CHECK(!sigaction(SIGURG, &sa, NULL) && !pthread_kill(t, SIGURG));
	CHECK(!pthread_join(t, NULL)); /* nobody reads the pipe */
	printf("signal %d after %zd bytes\n", (int)handled, n);
	return 0;
}

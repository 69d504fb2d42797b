/* build: -pthread */
/* Futexes used directly: wait, wake, requeue, wake_op, waitv. */
#include "check.h"

#include <linux/futex.h>
static int a, b;
static long fut(int *u, int op, int v, void *t, int *u2, int v3)
{
	return syscall(SYS_futex, u, op, v, t, u2, v3);
}
static void *body(void *p)
{
	fut(&a, FUTEX_WAIT, 0, NULL, NULL, 0);
	return p;
}
int main(void)
{
	pthread_t t[3];
	struct timespec ts = {0, 2000000};
	CHECK(fut(&a, FUTEX_WAIT, 1, NULL, NULL, 0) == -1 && errno == EAGAIN);
	CHECK(fut(&a, FUTEX_WAIT, 0, &ts, NULL, 0) == -1 && errno == ETIMEDOUT);
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, body, NULL);
	while (fut(&a, FUTEX_CMP_REQUEUE, 0, (void *)10, &a, 0) < 3) /* says how many wait */
		pause_ms(1);
	CHECK(fut(&a, FUTEX_CMP_REQUEUE, 1, (void *)10, &b, 0) == 3);
	CHECK(fut(&a, FUTEX_WAKE_OP, 10, (void *)10, &b, FUTEX_OP(FUTEX_OP_SET, 5, FUTEX_OP_CMP_EQ, 0)) == 2);
	CHECK(b == 5);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	return 0;
}

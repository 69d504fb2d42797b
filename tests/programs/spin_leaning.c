/* build: -pthread */
/* Loops that have no safepoints of their own because short ones like them practically end: a list that is a
 * ring, and a loop around one that never goes round. Others get their turns, and the counts are the same at replay. */
#include "check.h"

struct node {
	struct node *next;
	volatile long seen;
};

static volatile int flag, none;

static void *ring(void *n)
{
	for (struct node *at = n; !flag; at = at->next)
		at->seen++;
	return NULL;
}

static void *around(void *n)
{
	while (!flag) {
		for (int i = 0; i < none; i++)
			((struct node *)n)->seen += i;
		((struct node *)n)->seen++;
	}
	return NULL;
}

int main(void)
{
	for (int i = 0; i < 4; i++) {
		struct node b[3] = {{b + 1, 0}, {b + 2, 0}, {b, 0}};
		pthread_t t;
		flag = 0;
		CHECK(!pthread_create(&t, NULL, i % 2 ? around : ring, b));
		pause_ms(20);
		flag = 1;
		pthread_join(t, NULL);
		SHOW("%ld %ld %ld", b[0].seen, b[1].seen, b[2].seen);
	}
	return 0;
}

/* build: -lrt */
/* POSIX message queues. */
#include "check.h"

#include <mqueue.h>
int main(void)
{
	char name[64];
	snprintf(name, sizeof(name), "/reprise-%d", getpid());
	struct mq_attr at = {.mq_maxmsg = 4, .mq_msgsize = 64}, got;
	mqd_t q = mq_open(name, O_RDWR | O_CREAT, 0600, &at);
	if (q == (mqd_t)-1 && errno == ENOSYS)
		return 0;
	CHECK(q != (mqd_t)-1 && !mq_send(q, "one", 4, 1) && !mq_send(q, "two", 4, 9));
	char b[64];
	unsigned prio;
	CHECK(mq_receive(q, b, sizeof(b), &prio) == 4 && prio == 9 && !strcmp(b, "two"));
	CHECK(!mq_getattr(q, &got) && got.mq_curmsgs == 1);
	mq_unlink(name);
	return 0;
}

/* System V message queues. */
#include "check.h"

int main(void)
{
	struct {
		long type;
		char text[32];
	} m = {3, "message"}, r;
	int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
	CHECK(!msgsnd(id, &m, 8, 0));
	CHECK(msgrcv(id, &r, sizeof(r.text), 3, 0) == 8 && r.type == 3 && !strcmp(r.text, "message"));
	struct msqid_ds ds;
	CHECK(!msgctl(id, IPC_STAT, &ds) && ds.msg_qnum == 0 && !msgctl(id, IPC_RMID, NULL));
	return 0;
}

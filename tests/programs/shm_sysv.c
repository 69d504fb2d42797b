/* System V shared memory between processes. */
#include "check.h"

int main(void)
{
	int id = shmget(IPC_PRIVATE, 8192, IPC_CREAT | 0600);
	/* For reading first: what others have written is seen through it. */
	const volatile char *ro = shmat(id, NULL, SHM_RDONLY);
	volatile char *p = shmat(id, NULL, 0);
	CHECK(p != (void *)-1 && ro != (void *)-1);
	p[99] = 'r';
	CHECK(ro[99] == 'r' && !shmdt((const void *)ro));
	pid_t c = fork();
	if (!c) {
		volatile char *q = shmat(id, NULL, 0);
		q[100] = 'c';
		_exit(0);
	}
	reap(c, 0);
	CHECK(p[100] == 'c');
	struct shmid_ds ds;
	CHECK(!shmctl(id, IPC_STAT, &ds) && ds.shm_segsz == 8192);
	CHECK(!shmdt((void *)p) && !shmctl(id, IPC_RMID, NULL));
	return 0;
}

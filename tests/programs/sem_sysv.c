/* System V semaphores: semop, semctl with all values. */
#include "check.h"

union semun {
	int val;
	unsigned short *array;
	struct semid_ds *buf;
};
int main(void)
{
	int id = semget(IPC_PRIVATE, 3, IPC_CREAT | 0600);
	unsigned short in[3] = {1, 0, 5}, out[3] = {0};
	CHECK(!semctl(id, 0, SETALL, (union semun){.array = in}));
	pid_t c = fork();
	if (!c) {
		struct sembuf up = {1, 1, 0};
		pause_ms(10);
		_exit(semop(id, &up, 1) ? 1 : 0);
	}
	struct sembuf down = {1, -1, 0};
	CHECK(!semop(id, &down, 1));
	reap(c, 0);
	CHECK(!semctl(id, 0, GETALL, (union semun){.array = out}) && out[2] == 5);
	CHECK(!semctl(id, 0, IPC_RMID));
	return 0;
}

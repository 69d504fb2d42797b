/* fcntl and flock locks between processes. */
#include "check.h"

int main(void)
{
	int fd = temp_file();
	char path[64];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10};
	CHECK(!fcntl(fd, F_SETLK, &l));
	pid_t p = fork();
	if (!p) {
		struct flock q = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10};
		CHECK(!fcntl(fd, F_GETLK, &q) && q.l_type == F_WRLCK && q.l_pid == getppid());
		q = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10};
		CHECK(!fcntl(fd, F_SETLKW, &q));
		_exit(0);
	}
	pause_ms(20);
	l.l_type = F_UNLCK;
	CHECK(!fcntl(fd, F_SETLK, &l));
	reap(p, 0);
	int other = open(path, O_RDWR);
	CHECK(!flock(fd, LOCK_EX) && flock(other, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK);
	return 0;
}

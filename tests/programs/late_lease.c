/* build: -pthread */
/* Calls of which nobody thinks that they wait do, for a thread of the same process that holds a lease on the
 * file: open and truncate return when it has let go. */
#include "check.h"

static const char *path = "lease";
static volatile int broken;
static int file;

static void *holder(void *ready)
{
	sigset_t set;
	siginfo_t si;
	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	for (int i = 0; i < 3; i++) {
		CHECK(!fcntl(file, F_SETLEASE, F_WRLCK));
		CHECK(write(*(int *)ready, "r", 1) == 1);
		CHECK(sigwaitinfo(&set, &si) == SIGIO);
		broken++;
		CHECK(!fcntl(file, F_SETLEASE, F_UNLCK));
		pause_ms(5);
	}
	return NULL;
}

int main(void)
{
	pthread_t t;
	int p[2], fd;
	char c;
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	CHECK(!sigprocmask(SIG_BLOCK, &set, NULL) && !pipe(p));
	file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	CHECK(file >= 0 && write(file, "text", 4) == 4);
	/* A lease to write needs a file that nobody else has open. */
	CHECK(!pthread_create(&t, NULL, holder, &p[1]));
	CHECK(read(p[0], &c, 1) == 1);
	fd = open(path, O_RDONLY);
	CHECK(fd >= 0 && broken == 1 && !close(fd));
	CHECK(read(p[0], &c, 1) == 1);
	CHECK(!truncate(path, 2) && broken == 2);
	CHECK(read(p[0], &c, 1) == 1);
	fd = open(path, O_RDWR | O_TRUNC);
	CHECK(fd >= 0 && broken == 3);
	CHECK(!pthread_join(t, NULL) && !unlink(path));
	SHOW("done");
	return 0;
}

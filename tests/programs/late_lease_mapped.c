/* build: -pthread */
/* truncate and open with O_TRUNC of a file that the process maps, while one of its threads holds a lease on
 * it: the threads go on until the lease is gone, and see the file get shorter then. A handler interrupts the
 * wait. */
#include "check.h"

static const char *path = "lease_mapped";
static pthread_t waiter;
static volatile int asked, handled;
static volatile char *m;

static void handler(int sig)
{
	handled += sig == SIGUSR1;
}

static int go[2], told[2];

static void tell(int fd, const char *what)
{
	CHECK(write(fd, what, 1) == 1);
}

static void expect(int fd, const char *what)
{
	char c;
	CHECK(read(fd, &c, 1) == 1 && c == *what);
}

/* Hold a lease three times, and let go when somebody asks. The first time another signal comes to who waits,
 * before that. */
static void *holder(void *arg)
{
	sigset_t set;
	siginfo_t si;
	int fd = open(path, O_RDONLY);
	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	for (int i = 0; i < 3; i++) {
		expect(go[0], "g");
		CHECK(!fcntl(fd, F_SETLEASE, F_RDLCK));
		tell(told[1], "r");
		CHECK(sigwaitinfo(&set, &si) == SIGIO);
		asked++;
		for (int k = 0; k < 20; k++) {
			CHECK(m[200] == 'x' && m[5000] == 'x');
			pause_ms(5);
		}
		if (!i)
			pthread_kill(waiter, SIGUSR1);
		while (!i && !handled)
			pause_ms(1);
		CHECK(!fcntl(fd, F_SETLEASE, F_UNLCK));
		tell(told[1], "u");
	}
	return arg;
}

static void fill(void)
{
	char text[8192];
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	memset(text, 'x', sizeof(text));
	CHECK(write(fd, text, sizeof(text)) == sizeof(text) && !close(fd));
}

static void lease(void)
{
	tell(go[1], "g");
	expect(told[0], "r");
}

int main(void)
{
	pthread_t t;
	int fd;
	sigset_t set;
	struct sigaction sa = {.sa_handler = handler};
	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	waiter = pthread_self();
	CHECK(!sigprocmask(SIG_BLOCK, &set, NULL) && !sigaction(SIGUSR1, &sa, NULL) && !pipe(go) &&
	      !pipe(told));
	fill();
	fd = open(path, O_RDONLY);
	m = mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(fd >= 0 && m != MAP_FAILED && !pthread_create(&t, NULL, holder, NULL));
	lease();
	CHECK(truncate(path, 100) == -1 && errno == EINTR && handled == 1 && asked == 1 && m[200] == 'x');
	expect(told[0], "u");
	lease();
	CHECK(!truncate(path, 100) && asked == 2 && !m[200] && m[50] == 'x');
	expect(told[0], "u");
	fill();
	lease();
	fd = open(path, O_RDWR | O_TRUNC);
	CHECK(fd >= 0 && asked == 3 && lseek(fd, 0, SEEK_END) == 0);
	CHECK(write(fd, "new", 3) == 3 && m[0] == 'n' && !m[200]);
	expect(told[0], "u");
	CHECK(!pthread_join(t, NULL) && !unlink(path));
	SHOW("done");
	return 0;
}

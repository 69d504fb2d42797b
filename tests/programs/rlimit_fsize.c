/* SIGXFSZ. */
#include "check.h"

static volatile int got;
static void on(int sig)
{
	got = sig;
}
int main(void)
{
	struct rlimit l = {10, 10};
	signal(SIGXFSZ, on);
	int fd = temp_file();
	CHECK(!setrlimit(RLIMIT_FSIZE, &l) && write(fd, "0123456789", 10) == 10);
	CHECK(write(fd, "x", 1) == -1 && errno == EFBIG && got == SIGXFSZ);
	return 0;
}

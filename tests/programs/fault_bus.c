/* SIGBUS beyond the end of a mapped file. */
#include "check.h"

static sigjmp_buf out;
static void on(int sig)
{
	siglongjmp(out, sig);
}
int main(void)
{
	signal(SIGBUS, on);
	int fd = temp_file();
	CHECK(!ftruncate(fd, 4096));
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	p[0] = 1;
	if (!sigsetjmp(out, 1)) {
		p[5000] = 1;
		return 1;
	}
	CHECK(!ftruncate(fd, 8192));
	p[5000] = 2;
	CHECK(!ftruncate(fd, 0));
	if (!sigsetjmp(out, 1)) {
		p[0] = 1;
		return 1;
	}
	return 0;
}

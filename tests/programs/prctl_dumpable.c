/* PR_SET_DUMPABLE 0 does not hide the program from the recorder. */
#include "check.h"

int main(void)
{
	CHECK(prctl(PR_GET_DUMPABLE) == 1 && !prctl(PR_SET_DUMPABLE, 0) && prctl(PR_GET_DUMPABLE) == 0);
	char b[10];
	int fd = open("/dev/zero", O_RDONLY);
	CHECK(read(fd, b, 10) == 10);
	return 0;
}

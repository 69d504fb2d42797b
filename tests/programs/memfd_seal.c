/* memfd, seals, mapped twice. */
#include "check.h"

int main(void)
{
	int fd = memfd_create("test", MFD_ALLOW_SEALING);
	CHECK(!ftruncate(fd, 4096));
	char *a = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	char *b = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	strcpy(a, "both");
	CHECK(!strcmp(b, "both"));
	CHECK(!fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) && ftruncate(fd, 0) == -1 && errno == EPERM);
	return 0;
}

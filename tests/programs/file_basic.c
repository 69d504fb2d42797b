/* open, read, write, seek, stat, rename, unlink. */
#include "check.h"

int main(void)
{
	char a[64], b[64], buf[16];
	struct stat st;
	snprintf(a, sizeof(a), "/tmp/reprise-a-%d", getpid());
	snprintf(b, sizeof(b), "/tmp/reprise-b-%d", getpid());
	int fd = open(a, O_RDWR | O_CREAT | O_EXCL, 0640);
	CHECK(fd >= 0 && write(fd, "0123456789", 10) == 10 && lseek(fd, 4, SEEK_SET) == 4);
	CHECK(read(fd, buf, 3) == 3 && !memcmp(buf, "456", 3));
	CHECK(!fstat(fd, &st) && st.st_size == 10 && (st.st_mode & 0777) == 0640);
	CHECK(!rename(a, b) && access(a, F_OK) == -1 && !access(b, R_OK));
	CHECK(!truncate(b, 5) && !stat(b, &st) && st.st_size == 5);
	SHOW("inode %lu mtime %ld", (unsigned long)st.st_ino, (long)st.st_mtime);
	CHECK(!link(b, a) && !unlink(a) && !unlink(b));
	return 0;
}

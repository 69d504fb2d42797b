/* Extended attributes, statx, statfs, utimensat, fallocate. */
#include "check.h"

int main(void)
{
	int fd = temp_file();
	char v[16];
	struct statx sx;
	struct statfs sf;
	if (!fsetxattr(fd, "user.test", "value", 5, 0))
		CHECK(fgetxattr(fd, "user.test", v, sizeof(v)) == 5 && flistxattr(fd, v, 0) > 0);
	CHECK(!statx(fd, "", AT_EMPTY_PATH, STATX_ALL, &sx) && !fstatfs(fd, &sf));
	struct timespec t[2] = {{1000, 0}, {2000, 0}};
	CHECK(!futimens(fd, t) && !posix_fallocate(fd, 0, 10000));
	SHOW("%llu %ld", (unsigned long long)sx.stx_ino, (long)sf.f_type);
	return 0;
}

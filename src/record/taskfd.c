/* Files behind descriptors of tasks. */
#include "record/taskfd.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <unistd.h>

int taskfd_open(struct rtask *t, int fd, int flags)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", t->tid, fd);
	return open(path, flags | O_CLOEXEC);
}

int taskfd_stat(struct rtask *t, int fd, struct stat *st)
{
	char path[64];
	struct statx sx;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", t->tid, fd);
	if (statx(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_TYPE | STATX_MODE | STATX_INO, &sx))
		return -1;
	*st = (struct stat){.st_dev = makedev(sx.stx_dev_major, sx.stx_dev_minor),
			    .st_rdev = makedev(sx.stx_rdev_major, sx.stx_rdev_minor),
			    .st_ino = sx.stx_ino,
			    .st_mode = sx.stx_mode,
			    .st_nlink = sx.stx_nlink,
			    .st_size = (off_t)sx.stx_size,
			    .st_mtim = {sx.stx_mtime.tv_sec, sx.stx_mtime.tv_nsec},
			    .st_ctim = {sx.stx_ctime.tv_sec, sx.stx_ctime.tv_nsec}};
	return 0;
}

int taskfd_info(struct rtask *t, int fd, uint64_t *pos, unsigned *flags)
{
	char path[64], text[256] = "";
	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", t->tid, fd);
	int f = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = f < 0 ? -1 : read(f, text, sizeof(text) - 1);
	if (f >= 0)
		close(f);
	long p;
	if (n <= 0 || sscanf(text, "pos: %ld flags: %o", &p, flags) != 2)
		return -1;
	*pos = (uint64_t)p;
	return 0;
}

void taskfd_name(struct rtask *t, int fd, char *out, size_t cap)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", t->tid, fd);
	ssize_t n = readlink(path, out, cap - 1);
	out[n > 0 ? n : 0] = 0;
}

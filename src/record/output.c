/* Which calls write to what the user sees: replay writes that again. */
#include "record/session.h"

#include <linux/kcmp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	int64_t nr;
	uint8_t arg;
	bool silent;
} writers[] = {
	{SYS_write, 0, false},		{SYS_pwrite64, 0, false}, {SYS_writev, 0, false},
	{SYS_pwritev, 0, false},	{SYS_pwritev2, 0, false}, {SYS_sendto, 0, false},
	{SYS_sendfile, 0, true},	{SYS_splice, 2, true},	  {SYS_tee, 1, true},
	{SYS_copy_file_range, 2, true},
};

static int find(int64_t nr, const uint64_t args[6], bool silent)
{
	for (size_t i = 0; i < ARRAY_LEN(writers); i++) {
		if (writers[i].nr == nr && writers[i].silent == silent)
			return (int)args[writers[i].arg];
	}
	return -1;
}

int output_fd(int64_t nr, const uint64_t args[6])
{
	return find(nr, args, false);
}

int output_silent_fd(int64_t nr, const uint64_t args[6])
{
	return find(nr, args, true);
}

static bool same(struct rtask *t, int fd, int own)
{
	long r = syscall(SYS_kcmp, getpid(), t->tid, KCMP_FILE, own, fd);
	if (r >= 0)
		return r == 0;
	char path[64];
	struct stat a, b;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", t->tid, fd);
	return !stat(path, &a) && !fstat(own, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

uint8_t output_flags(struct recorder *s, struct rtask *t, int fd)
{
	(void)s;
	return same(t, fd, 1) ? EVF_OUTPUT1 : same(t, fd, 2) ? EVF_OUTPUT2 : 0;
}

/* Which calls write to what the user sees: replay writes that again. */
#include "record/session.h"
#include "record/taskfd.h"

#include <linux/kcmp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
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

/* null, zero, full, random, urandom (1:3, 5, 7, 8, 9): everybody opens the same file. */
static bool is_memory_device(uint64_t rdev)
{
	return major(rdev) == 1 && minor(rdev) < 10 && 0x3a8 >> minor(rdev) & 1;
}

/* The open file counts: one that the program opens by itself under the same name is another. */
static bool same(struct rtask *t, int fd, int own)
{
	long r = syscall(SYS_kcmp, getpid(), t->tid, KCMP_FILE, own, fd);
	if (r >= 0)
		return r == 0;
	struct stat a, b;
	return !taskfd_stat(t, fd, &a) && !fstat(own, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino &&
	       !is_memory_device(a.st_rdev);
}

uint8_t output_flags(struct recorder *s, struct rtask *t, int fd)
{
	const struct world *w = s->world;
	struct stat st;
	if (same(t, fd, 1))
		return EVF_OUTPUT1;
	if (same(t, fd, 2))
		return EVF_OUTPUT2;
	/* Where the output is /dev/null, this may be the same, opened by the program: calls on it need no
	 * stop from here on. */
	if (w && (is_memory_device(w->output[0].rdev) || is_memory_device(w->output[1].rdev)) &&
	    !taskfd_stat(t, fd, &st) && is_memory_device(st.st_rdev))
		buffer_fd_class(t, fd, FD_MEMORY);
	return 0;
}

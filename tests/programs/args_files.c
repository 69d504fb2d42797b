/* Calls on files, pipes and descriptors with arguments that the kernel refuses. */
#include "args.h"

#include <linux/fs.h>
#include <sys/eventfd.h>

static int file, rd, wr, pp[2], full[2], ev, dir, null;
static char buf[8192];

static void transfers(const char *what, int fd)
{
	struct iovec v = {buf, 8}, two[2] = {{buf, 4}, {BAD_PTR, 4}}, neg = {buf, (size_t)-1}, zero = {BAD_PTR, 0};
	static struct iovec many[1025];
	printf("--- %s\n", what);
	for (int i = 0; i < 1025; i++)
		many[i] = (struct iovec){buf, 1};
	TRY(read, fd, buf, 0);
	TRY(read, fd, BAD_PTR, 0);
	TRY(read, fd, BAD_PTR, 8);
	TRY(read, fd, (void *)-4096L, 8);
	TRY(read, fd, buf, -1L);
	TRY(write, fd, buf, 0);
	TRY(write, fd, BAD_PTR, 0);
	TRY(write, fd, BAD_PTR, 8);
	TRY(write, fd, (void *)-4096L, 8);
	TRY(pread64, fd, buf, 8, -1L);
	TRY(pread64, fd, buf, 0, 0);
	TRY(pread64, fd, BAD_PTR, 8, 0);
	TRY(pwrite64, fd, buf, 8, -1L);
	TRY(pwrite64, fd, BAD_PTR, 8, 0);
	TRY(readv, fd, &v, 0);
	TRY(readv, fd, &v, -1L);
	TRY(readv, fd, many, 1025);
	TRY(readv, fd, BAD_PTR, 1);
	TRY(readv, fd, &neg, 1);
	TRY(readv, fd, &zero, 1);
	TRY(writev, fd, &v, 0);
	TRY(writev, fd, &v, -1L);
	TRY(writev, fd, many, 1025);
	TRY(writev, fd, BAD_PTR, 1);
	TRY(writev, fd, &neg, 1);
	TRY(writev, fd, &zero, 1);
	TRY(writev, fd, two + 1, 1);
	TRY(preadv, fd, &v, 1, -1L, 0);
	TRY(preadv, fd, &v, -1L, 0, 0);
	TRY(pwritev, fd, &v, 1, -1L, 0);
	TRY(lseek, fd, -1L, SEEK_SET);
	TRY(lseek, fd, 0, 9);
	TRY(ftruncate, fd, -1L);
	TRY(fallocate, fd, 0, -1L, 8);
	TRY(fallocate, fd, 0, 0, 0);
	TRY(fallocate, fd, 0x1000, 0, 8);
	TRY(fallocate, fd, 2 /* PUNCH_HOLE */, 0, 8);
	TRY(getdents64, fd, buf, 1);
	TRY(fstat, fd, BAD_PTR);
	TRY(fadvise64, fd, 0, 0, 99);
	TRY(fchmod, BAD_FD, 0);
}

static void descriptors(void)
{
	struct rlimit old;
	CHECK(!getrlimit(RLIMIT_NOFILE, &old));
	TRY(close, -1L);
	TRY(close, BAD_FD);
	TRY(dup, -1L);
	TRY(dup, BAD_FD);
	TRY(dup2, BAD_FD, 40);
	TRY(dup2, BAD_FD, BAD_FD);
	TRY(dup2, file, -1L);
	TRY(dup2, file, (long)old.rlim_cur);
	TRY(dup2, file, file);
	TRY(dup3, file, 41, 1);
	TRY(dup3, file, file, 0);
	TRY(fcntl, file, F_DUPFD, -1L);
	TRY(fcntl, file, F_DUPFD, (long)old.rlim_cur);
	TRY(fcntl, BAD_FD, F_DUPFD_CLOEXEC, 0);
	TRY(fcntl, BAD_FD, F_GETFD);
	TRY(fcntl, file, 77, 0);
	TRY(fcntl, file, F_SETFD, 77);
	TRY(fcntl, file, F_SETFL, -1L);
	TRY(fcntl, file, F_SETFL, O_RDWR);
	struct flock l = {.l_type = 9}, neg = {.l_type = F_RDLCK, .l_start = -1};
	TRY(fcntl, file, F_SETLK, &l);
	TRY(fcntl, file, F_GETLK, &l);
	TRY(fcntl, file, F_SETLK, &neg);
	TRY(fcntl, file, F_SETLK, BAD_PTR);
	TRY(fcntl, file, F_GETLK, BAD_PTR);
	TRY(fcntl, file, F_GETPIPE_SZ);
	TRY(fcntl, file, F_ADD_SEALS, 1);
	TRY(fcntl, pp[0], F_SETPIPE_SZ, -1L);
	int n;
	struct termios tio;
	TRY(ioctl, file, TCGETS, &tio);
	TRY(ioctl, file, TIOCGWINSZ, BAD_PTR);
	TRY(ioctl, pp[0], FIONREAD, BAD_PTR);
	TRY(ioctl, pp[0], FIONREAD, &n);
	TRY(ioctl, pp[0], FIONBIO, BAD_PTR);
	TRY(ioctl, BAD_FD, FIONREAD, &n);
	TRY(ioctl, file, FICLONE, BAD_FD);
	TRY(pipe2, pp, 0x8);
	TRY(pipe2, BAD_PTR, 0);
	TRY(eventfd2, 0, 0x8);
	TRY(memfd_create, "x", 0x1000);
	TRY(memfd_create, BAD_PTR, 0);
}

static void paths(void)
{
	static char longer[5000];
	struct stat st;
	struct statx sx;
	memset(longer, 'x', sizeof(longer) - 1);
	TRY(open, BAD_PTR, O_RDONLY);
	TRY(open, "", O_RDONLY);
	TRY(open, "/", O_WRONLY);
	TRY(open, "/dev/null", O_DIRECTORY);
	TRY(openat, BAD_FD, "x", O_RDONLY);
	TRY(openat, file, "x", O_RDONLY);
	TRY(openat, AT_FDCWD, "/tmp", O_TMPFILE | O_RDONLY, 0600);
	TRY(creat, "/", 0600);
	TRY(creat, BAD_PTR, 0600);
	printf("%ld\n", syscall(SYS_open, longer, O_RDONLY));
	TRY(stat, "/", BAD_PTR);
	TRY(stat, BAD_PTR, &st);
	TRY(newfstatat, AT_FDCWD, "/", &st, 0x80000);
	TRY(newfstatat, BAD_FD, "", &st, AT_EMPTY_PATH);
	TRY(newfstatat, BAD_FD, BAD_PTR, &st, 0x80000);
	TRY(statx, AT_FDCWD, "/", 0x80000, 0, &sx);
	TRY(statx, AT_FDCWD, "/", 0, 0x80000000, &sx);
	TRY(statx, AT_FDCWD, "/", 0x6000, 0, &sx);
	TRY(statx, AT_FDCWD, BAD_PTR, 0x80000, 0, BAD_PTR);
	TRY(access, "/", 9);
	TRY(faccessat2, AT_FDCWD, BAD_PTR, 0, 0x80000);
	TRY(readlink, "/proc/self/exe", buf, 0);
	TRY(readlink, "/proc/self/exe", buf, -1L);
	TRY(readlink, "/", buf, 8);
	TRY(getcwd, buf, 0);
	TRY(getcwd, BAD_PTR, 4096);
	TRY(unlinkat, AT_FDCWD, BAD_PTR, 0x80000);
	TRY(renameat2, AT_FDCWD, "a", AT_FDCWD, "b", 0x80);
	TRY(linkat, AT_FDCWD, BAD_PTR, AT_FDCWD, BAD_PTR, 0x80000);
	TRY(utimensat, AT_FDCWD, "/", BAD_PTR, 0);
	TRY(utimensat, AT_FDCWD, NULL, NULL, 0);
	struct timespec bad[2] = {{0, -1}, {0, 0}};
	TRY(utimensat, AT_FDCWD, "/nonexistent", bad, 0);
	TRY(getxattr, "/", "user.x", buf, -1L);
	TRY(setxattr, "/nonexistent", "user.x", buf, 1, 9);
	TRY(getgroups, -1L, NULL);
	TRY(getrandom, buf, 8, 0x80);
	TRY(getrandom, BAD_PTR, 8, 0);
	TRY(mlock, BAD_PTR, 8);
}

static void copies(void)
{
	off_t off = 0, neg = -1;
	TRY(sendfile, file, rd, NULL, -1L);
	TRY(sendfile, file, rd, &neg, 8);
	TRY(sendfile, file, rd, BAD_PTR, 8);
	TRY(sendfile, rd, file, NULL, 8);
	TRY(sendfile, file, pp[0], NULL, 8);
	TRY(sendfile, BAD_FD, rd, NULL, 8);
	TRY(copy_file_range, rd, &off, file, &off, 8, 1);
	TRY(copy_file_range, rd, &neg, file, &off, 8, 0);
	TRY(copy_file_range, rd, BAD_PTR, file, NULL, 8, 0);
	TRY(copy_file_range, rd, NULL, rd, NULL, 8, 0);
	TRY(copy_file_range, pp[0], NULL, file, NULL, 8, 0);
	TRY(copy_file_range, dir, NULL, file, NULL, 8, 0);
	printf("%ld %ld\n", (long)off, (long)neg);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	signal(SIGPIPE, SIG_IGN);
	CHECK((file = temp_file()) >= 0 && write(file, buf, 4096) == 4096);
	CHECK((rd = open("/etc/passwd", O_RDONLY)) >= 0 && (wr = open("/dev/null", O_WRONLY)) >= 0);
	CHECK(!pipe(pp) && !pipe(full) && write(full[1], buf, 4096) == 4096);
	CHECK((ev = eventfd(1, EFD_NONBLOCK)) >= 0 && (dir = open("/", O_RDONLY)) >= 0 && (null = open("/dev/zero", O_RDWR)) >= 0);
	transfers("a file", file);
	transfers("a file to read", rd);
	transfers("a directory", dir);
	transfers("an empty pipe, to write", pp[1]);
	transfers("a pipe, to read", full[0]);
	transfers("an eventfd", ev);
	transfers("/dev/null, to write", wr);
	transfers("none", BAD_FD);
	TRY(read, ev, buf, 4);
	TRY(write, ev, buf, 4);
	TRY(read, null, BAD_PTR, 8);
	descriptors();
	paths();
	copies();
	close(pp[0]);
	TRY(write, pp[1], buf, 8);
	return 0;
}

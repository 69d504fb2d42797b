#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <dirent.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

int write_full(int fd, const void *data, size_t n)
{
	const char *p = data;
	while (n) {
		ssize_t r = write(fd, p, n);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		p += r;
		n -= (size_t)r;
	}
	return 0;
}

ssize_t pread_full(int fd, void *data, size_t n, uint64_t off)
{
	size_t done = 0;
	while (done < n) {
		ssize_t r = pread(fd, (char *)data + done, n - done, (off_t)(off + done));
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		done += (size_t)r;
	}
	return (ssize_t)done;
}

int file_slurp(const char *path, struct buf *b, size_t max)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(errno, "cannot open %s", path);
	size_t start = b->len;
	for (;;) {
		uint8_t *p = buf_room(b, 65536);
		ssize_t r = read(fd, p, 65536);
		b->len -= 65536 - (size_t)(r > 0 ? r : 0);
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0 || b->len - start > max) {
			int e = r < 0 ? errno : r ? EFBIG : 0;
			close(fd);
			return e ? err_sys(e, "cannot read %s", path) : 0;
		}
	}
}

int mkdir_p(const char *path)
{
	char *p = xstrdup(path);
	int rc = 0;
	for (char *s = p + 1;; s++) {
		if (*s && *s != '/')
			continue;
		char c = *s;
		*s = 0;
		if (mkdir(p, 0777) && errno != EEXIST) {
			rc = err_sys(errno, "cannot make directory %s", p);
			break;
		}
		*s = c;
		if (!c)
			break;
	}
	free(p);
	return rc;
}

int rm_r(const char *path)
{
	struct stat st;
	if (lstat(path, &st))
		return errno == ENOENT ? 0 : err_sys(errno, "cannot remove %s", path);
	int rc = 0;
	if (S_ISDIR(st.st_mode)) {
		DIR *d = opendir(path);
		struct dirent *e;
		while (d && (e = readdir(d))) {
			if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
				continue;
			char *sub = xasprintf("%s/%s", path, e->d_name);
			rc |= rm_r(sub);
			free(sub);
		}
		if (d)
			closedir(d);
		if (rmdir(path) && !rc)
			rc = err_sys(errno, "cannot remove %s", path);
	} else if (unlink(path)) {
		rc = err_sys(errno, "cannot remove %s", path);
	}
	return rc;
}

static uint64_t size_up_to(const char *path, nlink_t links)
{
	struct stat st;
	if (lstat(path, &st))
		return 0;
	if (!S_ISDIR(st.st_mode))
		return S_ISREG(st.st_mode) && st.st_nlink <= links ? (uint64_t)st.st_size : 0;
	uint64_t sum = 0;
	DIR *d = opendir(path);
	struct dirent *e;
	while (d && (e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		char *sub = xasprintf("%s/%s", path, e->d_name);
		sum += size_up_to(sub, links);
		free(sub);
	}
	if (d)
		closedir(d);
	return sum;
}

uint64_t tree_size(const char *path)
{
	return size_up_to(path, (nlink_t)-1);
}

uint64_t tree_own_size(const char *path)
{
	return size_up_to(path, 2);
}

struct file_id file_id(const struct stat *st)
{
	return (struct file_id){.dev = st->st_dev,
				.ino = st->st_ino,
				.size = (uint64_t)st->st_size,
				.mtime_sec = (uint64_t)st->st_mtim.tv_sec,
				.mtime_nsec = (uint64_t)st->st_mtim.tv_nsec,
				.ctime_sec = (uint64_t)st->st_ctim.tv_sec,
				.ctime_nsec = (uint64_t)st->st_ctim.tv_nsec};
}

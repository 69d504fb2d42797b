#include "trace/store.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

int store_init(const char *dir)
{
	char *path = xasprintf("%s/files", dir);
	int rc = mkdir(path, 0777) ? err_sys(errno, "cannot make %s", path) : 0;
	free(path);
	return rc;
}

static void name_of(XXH128_hash_t h, char hash[36])
{
	snprintf(hash, 36, "%016llx%016llx", (unsigned long long)h.high64, (unsigned long long)h.low64);
}

/* Hash what `fd` holds. Read, not mapped: a file cut short meanwhile must not kill us. */
static int hash_fd(int fd, uint64_t size, char hash[36])
{
	size_t chunk = 1 << 20;
	char *buf = xmalloc(chunk);
	XXH3_state_t *st = XXH3_createState();
	int rc = 0;
	XXH3_128bits_reset(st);
	for (uint64_t off = 0; off < size && !rc;) {
		size_t want = size - off < chunk ? (size_t)(size - off) : chunk;
		ssize_t n = pread_full(fd, buf, want, off);
		if (n <= 0) {
			rc = n < 0 ? (int)n : -EIO;
			break;
		}
		XXH3_128bits_update(st, buf, (size_t)n);
		off += (uint64_t)n;
	}
	name_of(XXH3_128bits_digest(st), hash);
	XXH3_freeState(st);
	free(buf);
	return rc;
}

static int copy_fd(int from, int to, uint64_t size)
{
	if (!ioctl(to, FICLONE, from))
		return 0;
	loff_t in = 0, out = 0;
	while ((uint64_t)in < size) {
		ssize_t n = copy_file_range(from, &in, to, &out, size - (uint64_t)in, 0);
		if (n < 0 && errno == EINTR)
			continue; /* the recorder's timer */
		if (n <= 0)
			break;
	}
	/* Offsets given to it move no file position. */
	if (lseek(to, in, SEEK_SET) < 0)
		return -errno;
	/* Some file systems cannot (EXDEV, EINVAL, /proc files say 0): copy by hand. */
	char *buf = xmalloc(1 << 20);
	int rc = 0;
	while ((uint64_t)in < size && !rc) {
		ssize_t n = pread_full(from, buf, 1 << 20, (uint64_t)in);
		if (n > 0)
			rc = write_full(to, buf, (size_t)n);
		if (n < 0)
			rc = (int)n;
		if (n <= 0)
			break;
		in += n;
		if (lseek(to, in, SEEK_SET) < 0)
			rc = -errno;
	}
	free(buf);
	return rc;
}

/* Make file `hash` under a temporary name, then give it its own: a reader never
 * sees half a file, and a killed recorder leaves only a stray temporary. */
static int add(const char *dir, const char *hash, int fd, uint64_t size, const void *data)
{
	char *path = xasprintf("%s/files/%s", dir, hash), *tmp = xasprintf("%s.tmp", path);
	int rc = 0;
	if (access(path, F_OK)) {
		int out = open(tmp, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		rc = out < 0 ? -errno : data ? write_full(out, data, size) : copy_fd(fd, out, size);
		if (out >= 0 && close(out) && !rc)
			rc = -errno;
		if (!rc && rename(tmp, path))
			rc = -errno;
		if (rc)
			err_sys(-rc, "cannot keep a file in the trace (%s)", path);
	}
	free(tmp);
	free(path);
	return rc ? -1 : 0;
}

int store_add_fd(const char *dir, int fd, uint64_t size, char hash[36])
{
	int rc = hash_fd(fd, size, hash);
	if (rc)
		return err_sys(-rc, "cannot read a mapped file");
	return add(dir, hash, fd, size, NULL);
}

int store_add_bytes(const char *dir, const void *data, size_t len, char hash[36])
{
	name_of(XXH3_128bits(data, len), hash);
	return add(dir, hash, -1, len, data);
}

int store_open(const char *dir, const char *hash)
{
	char *path = xasprintf("%s/files/%s", dir, hash);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char is[36];
	if (fd < 0) {
		err_sys(errno, "the trace is damaged: cannot open %s", path);
	} else if (fstat(fd, &st) || !S_ISREG(st.st_mode) || hash_fd(fd, (uint64_t)st.st_size, is) ||
		   strcmp(is, hash)) {
		err_set("the trace is damaged: %s does not have the content its name says", path);
		close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}

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

#define CHUNK (256u << 10) /* stays in the CPU's cache between reading, hashing and writing */

/* Hash what `fd` holds, and write it to `to` (-1: to nothing). Read, not mapped: a file cut short
 * meanwhile must not kill us. */
static int hash_fd(int fd, uint64_t size, int to, char hash[36])
{
	char *buf = xmalloc(CHUNK);
	XXH3_state_t *st = XXH3_createState();
	int rc = 0;
	XXH3_128bits_reset(st);
	for (uint64_t off = 0; off < size && !rc;) {
		size_t want = size - off < CHUNK ? (size_t)(size - off) : CHUNK;
		ssize_t n = pread_full(fd, buf, want, off);
		if (n <= 0) {
			rc = n < 0 ? (int)n : -EIO;
			break;
		}
		XXH3_128bits_update(st, buf, (size_t)n);
		if (to >= 0)
			rc = write_full(to, buf, (size_t)n);
		off += (uint64_t)n;
	}
	name_of(XXH3_128bits_digest(st), hash);
	XXH3_freeState(st);
	free(buf);
	return rc;
}

/* Give the temporary its name: a reader never sees half a file, and a killed recorder leaves only
 * a stray temporary. */
static int settle(const char *dir, const char *tmp, const char *hash)
{
	char *path = xasprintf("%s/files/%s", dir, hash);
	int rc = !access(path, F_OK) ? unlink(tmp) : rename(tmp, path);
	rc = rc ? -errno : 0;
	free(path);
	return rc;
}

/* What the file system can share it shares, a clone of the whole file included (FICLONE). */
static int fill(int out, int fd, uint64_t size, const void *data, char hash[36])
{
	if (data)
		return write_full(out, data, size);
	bool cloned = !ioctl(out, FICLONE, fd);
	int rc = hash_fd(fd, size, cloned ? -1 : out, hash);
	return cloned && !rc && ftruncate(out, (off_t)size) ? -errno : rc;
}

/* Keep `data`, whose name is `hash`, or what `fd` holds, whose name goes there. */
static int add(const char *dir, char hash[36], int fd, uint64_t size, const void *data)
{
	char *tmp = xasprintf("%s/files/new.tmp", dir);
	int out = open(tmp, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	int rc = out < 0 ? -errno : fill(out, fd, size, data, hash);
	if (out >= 0 && close(out) && !rc)
		rc = -errno;
	if (!rc)
		rc = settle(dir, tmp, hash);
	if (rc)
		err_sys(-rc, "cannot keep a file in the trace (%s/files)", dir);
	free(tmp);
	return rc ? -1 : 0;
}

int store_add_fd(const char *dir, int fd, uint64_t size, char hash[36])
{
	return add(dir, hash, fd, size, NULL);
}

int store_add_bytes(const char *dir, const void *data, size_t len, char hash[36])
{
	name_of(XXH3_128bits(data, len), hash);
	return store_has(dir, hash) ? 0 : add(dir, hash, -1, len, data);
}

int store_hash(int fd, uint64_t size, char hash[36])
{
	return hash_fd(fd, size, -1, hash);
}

bool store_has(const char *dir, const char *hash)
{
	char *path = xasprintf("%s/files/%s", dir, hash);
	bool there = !access(path, F_OK);
	free(path);
	return there;
}

bool store_link(const char *dir, int fd, const char *hash)
{
	char from[40], *to = xasprintf("%s/files/%s", dir, hash);
	snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	bool ok = !linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW);
	free(to);
	return ok;
}

int store_copy(const char *dir, int fd, uint64_t size, const char *hash)
{
	char *tmp = xasprintf("%s/files/new.tmp", dir), *path = xasprintf("%s/files/%s", dir, hash), is[36];
	int out = open(tmp, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	int rc = out < 0 ? -errno : fill(out, fd, size, NULL, is);
	if (!rc && strcmp(is, hash))
		rc = -EIO;
	if (!rc && fchmod(out, 0444))
		rc = -errno;
	if (out >= 0 && close(out) && !rc)
		rc = -errno;
	if (!rc && rename(tmp, path))
		rc = -errno;
	if (rc) {
		unlink(tmp);
		err_sys(-rc, "cannot copy %s", path);
	}
	free(tmp);
	free(path);
	return rc ? -1 : 0;
}

void store_drop(const char *dir, const char *hash)
{
	char *path = xasprintf("%s/files/%s", dir, hash);
	unlink(path);
	free(path);
}

int store_open(const char *dir, const char *hash, bool check)
{
	char *path = xasprintf("%s/files/%s", dir, hash);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char is[36];
	if (fd < 0) {
		err_sys(errno, "the trace is damaged: cannot open %s", path);
	} else if (check && (fstat(fd, &st) || !S_ISREG(st.st_mode) ||
			     hash_fd(fd, (uint64_t)st.st_size, -1, is) || strcmp(is, hash))) {
		err_set("the trace is damaged: %s does not have the content its name says", path);
		close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}

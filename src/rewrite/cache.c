#include "rewrite/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "rewrite/image.h"

#define PROGRESS_SIZE (8 << 20) /* files from which on making an image is announced */

char *cache_dir(void)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	if (xdg && xdg[0] == '/')
		return xasprintf("%s/reprise/images", xdg);
	if (home && home[0] == '/')
		return xasprintf("%s/.cache/reprise/images", home);
	return xasprintf("/tmp/reprise-%u/images", (unsigned)geteuid());
}

/* Ours, or root's: others could plant text in our programs. */
static bool trusted(int fd)
{
	struct stat st;
	return !fstat(fd, &st) && S_ISREG(st.st_mode) && (st.st_uid == geteuid() || !st.st_uid);
}

/* An empty file says that there is no image to be made. *none tells. */
static int lookup(const char *path, bool *none)
{
	struct image im;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	*none = false;
	if (fd < 0)
		return -1;
	if (!trusted(fd) || fstat(fd, &st)) {
		close(fd);
		return -1;
	}
	if (!st.st_size) {
		*none = true;
	} else if (!image_load(&im, fd, true)) {
		image_free(&im);
		/* When it was used last; a read-only cache is fine too. Its other time belongs to the traces
		 * that share the file (trace/sharedfiles.c). */
		futimens(fd, (struct timespec[]){{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_OMIT}});
		return fd;
	} else {
		unlink(path); /* damaged: made anew */
	}
	close(fd);
	return -1;
}

/* Tell who waits at a terminal what for. */
static void announce(int elf_fd, uint64_t size)
{
	char self[64], path[PATH_MAX] = "";
	snprintf(self, sizeof(self), "/proc/self/fd/%d", elf_fd);
	ssize_t n = readlink(self, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = 0;
	const char *name = strrchr(path, '/');
	fprintf(stderr, "reprise: analysing %.40s (%llu MB), once ...", name ? name + 1 : "a program",
		(unsigned long long)size >> 20);
}

static int build(int elf_fd, int out, const cpu_set_t *cpus)
{
	struct image_report rep = {0};
	struct stat st;
	bool big = !fstat(elf_fd, &st) && st.st_size > PROGRESS_SIZE && isatty(2);
	if (big)
		announce(elf_fd, (uint64_t)st.st_size);
	int rc = image_build(elf_fd, out, &rep, cpus);
	if (big)
		fprintf(stderr, "\r%*s\r", 79, "");
	VEC_FREE(&rep.left);
	return rc;
}

/* Under a name of its own first: nobody sees half an image, and a killed writer leaves
 * only that. Two recordings that make the same one both succeed. */
static int make_kept(int elf_fd, const char *path, bool *none, const cpu_set_t *cpus)
{
	char *tmp = xasprintf("%s.%d.tmp", path, getpid());
	int fd = open(tmp, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644), ro = -1;
	int rc = fd < 0 ? -1 : build(elf_fd, fd, cpus);
	*none = rc == 1;
	if (rc == 1 && ftruncate(fd, 0))
		rc = -1;
	if (rc >= 0 && !rename(tmp, path)) {
		/* A writable descriptor of it must not be around when it is mapped. */
		ro = rc == 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	} else if (fd >= 0) {
		unlink(tmp);
	}
	if (fd >= 0)
		close(fd);
	free(tmp);
	return ro;
}

static int make_unkept(int elf_fd, const cpu_set_t *cpus)
{
	int fd = memfd_create("reprise-image", MFD_CLOEXEC);
	if (fd >= 0 && build(elf_fd, fd, cpus)) {
		close(fd);
		return -1;
	}
	return fd;
}

int cache_image(int fd, const char *hash, const cpu_set_t *cpus)
{
	char *dir = cache_dir(), *path = xasprintf("%s/%s-%s", dir, hash, image_version());
	bool none;
	int out = lookup(path, &none);
	if (out < 0 && !none && !mkdir_p(dir)) {
		out = make_kept(fd, path, &none, cpus);
		if (out >= 0)
			cache_trim(CACHE_LIMIT);
	}
	if (out < 0 && !none)
		out = make_unkept(fd, cpus);
	free(path);
	free(dir);
	return out;
}

static int by_use(const void *a, const void *b)
{
	const struct cache_entry *x = a, *y = b;
	return x->used != y->used ? (x->used < y->used ? -1 : 1) : strcmp(x->name, y->name);
}

void cache_read(cache_list *out)
{
	char *dir = cache_dir();
	DIR *d = opendir(dir);
	struct dirent *e;
	struct stat st;
	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.' || strlen(e->d_name) >= sizeof(out->at->name) ||
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
			continue;
		struct cache_entry *c = VEC_PUSH(out);
		strcpy(c->name, e->d_name);
		c->size = (uint64_t)st.st_blocks * 512;
		c->used = st.st_atim.tv_sec;
	}
	if (d)
		closedir(d);
	free(dir);
	if (out->n)
		qsort(out->at, out->n, sizeof(*out->at), by_use);
}

uint64_t cache_trim(uint64_t limit)
{
	cache_list l = {0};
	uint64_t total = 0, gone = 0;
	char *dir = cache_dir();
	cache_read(&l);
	for (size_t i = 0; i < l.n; i++)
		total += l.at[i].size;
	for (size_t i = 0; i < l.n && (total > limit || !limit); i++) {
		char *path = xasprintf("%s/%s", dir, l.at[i].name);
		if (!unlink(path)) {
			total -= l.at[i].size;
			gone += l.at[i].size;
		}
		free(path);
	}
	VEC_FREE(&l);
	free(dir);
	return gone;
}

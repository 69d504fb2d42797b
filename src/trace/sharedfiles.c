#include "trace/sharedfiles.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/file.h"
#include "base/mem.h"
#include "trace/store.h"

/* A file that has the name `hash` here, untouched since: it is ours, may not be written, and its time is that
 * of shared_offer, which every write would change. */
static bool untouched(const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_uid == geteuid() && !(st->st_mode & 0222) &&
	       !st->st_mtim.tv_sec;
}

char *shared_open(const char *base)
{
	struct stat st;
	char *path = xasprintf("%s/.store", base);
	if ((mkdir(path, 0700) && errno != EEXIST) || lstat(path, &st) || !S_ISDIR(st.st_mode) ||
	    st.st_uid != geteuid() || st.st_mode & 022) {
		free(path);
		return NULL;
	}
	return path;
}

bool shared_link(const char *shared, const char *dir, const char *hash)
{
	struct stat st;
	char *from = xasprintf("%s/%s", shared, hash), *to = xasprintf("%s/files/%s", dir, hash);
	bool there = !lstat(from, &st);
	bool ok = there && untouched(&st) && (!link(from, to) || errno == EEXIST);
	if (there && !untouched(&st))
		unlink(from);
	free(from);
	free(to);
	return ok;
}

void shared_offer(const char *shared, const char *dir, const char *hash)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {0}};
	char *from = xasprintf("%s/files/%s", dir, hash), *to = xasprintf("%s/%s", shared, hash);
	if (!chmod(from, 0444) && !utimensat(AT_FDCWD, from, times, 0) && link(from, to) && errno == EEXIST) {
		/* Another recorder was faster: have its file. */
		char *tmp = xasprintf("%s/files/new.tmp", dir);
		unlink(tmp);
		if (!link(to, tmp) && rename(tmp, from))
			unlink(tmp);
		free(tmp);
	}
	free(from);
	free(to);
}

void shared_drop(const char *shared, const char *hash)
{
	char *path = xasprintf("%s/%s", shared, hash);
	unlink(path);
	free(path);
}

void shared_identity(const struct stat *st, char alias[ALIAS_SIZE])
{
	const struct file_id id = file_id(st);
	XXH128_hash_t h = XXH3_128bits(&id, sizeof(id));
	snprintf(alias, ALIAS_SIZE, "file-%016llx%016llx", (unsigned long long)h.high64,
		 (unsigned long long)h.low64);
}

/* The times change with each write, but where a page of a shared mapping has been stored to, further stores
 * to it change nothing. So nobody may have the file open for writing: a read lease tells, which only the
 * owner can have. Of others' files those that only root could write are taken. */
bool shared_steady(int fd, const struct stat *st)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	if (now.tv_sec - st->st_ctim.tv_sec < 3) /* a change might leave the times the same */
		return false;
	if (!fcntl(fd, F_SETLEASE, F_RDLCK)) {
		fcntl(fd, F_SETLEASE, F_UNLCK);
		return true;
	}
	return errno == EACCES && !st->st_uid && !(st->st_mode & 022);
}

bool shared_find(const char *shared, const char *alias, char hash[36])
{
	char *path = xasprintf("%s/%s", shared, alias);
	ssize_t n = readlink(path, hash, 35);
	free(path);
	hash[n > 0 ? n : 0] = 0;
	return n == 32 && strspn(hash, "0123456789abcdef") == 32;
}

void shared_name(const char *shared, const char *alias, const char *hash)
{
	char *path = xasprintf("%s/%s", shared, alias);
	unlink(path);
	int failed = symlink(hash, path); /* then it is found by its content */
	(void)failed;
	free(path);
}

void shared_sweep(const char *base)
{
	char *path = xasprintf("%s/.store", base);
	DIR *d = opendir(path);
	struct dirent *e;
	struct stat st;
	while (d && (e = readdir(d))) {
		if (!fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode) &&
		    st.st_nlink == 1)
			unlinkat(dirfd(d), e->d_name, 0);
	}
	if (d)
		rewinddir(d);
	while (d && (e = readdir(d))) { /* names of what is gone */
		if (e->d_name[0] != '.' && fstatat(dirfd(d), e->d_name, &st, 0) && errno == ENOENT)
			unlinkat(dirfd(d), e->d_name, 0);
	}
	if (d)
		closedir(d);
	free(path);
}

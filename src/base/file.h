/* Whole-file helpers. All of them set the error text on failure. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct buf;

/* Write all of it, whatever EINTR and short writes do. 0, or -errno (no text). */
int write_full(int fd, const void *data, size_t n);
/* Read until `n` bytes or the end of the file. Bytes read, or -errno (no text). */
ssize_t pread_full(int fd, void *data, size_t n, uint64_t off);
/* Append the whole of a (small) file to `b`. 0 or -1; more than `max` bytes is an error. */
int file_slurp(const char *path, struct buf *b, size_t max);
/* mkdir -p with mode 0777 less the umask. 0 or -1. */
int mkdir_p(const char *path);
/* rm -r. Removes what it can; 0, or -1 with the first reason. */
int rm_r(const char *path);
/* Sum of the sizes of the regular files below `path`, in bytes; 0 when unreadable. */
uint64_t tree_size(const char *path);
/* Of that, what files have that nobody else links to but one: the store of traces keeps a name too. */
uint64_t tree_own_size(const char *path);

/* Which file it is, in which state: what a change of its content changes too, unless it comes so soon after
 * the last change that the times stay the same. No padding: it can be hashed. */
struct file_id {
	uint64_t dev, ino, size, mtime_sec, mtime_nsec, ctime_sec, ctime_nsec;
};
struct file_id file_id(const struct stat *st);

#endif

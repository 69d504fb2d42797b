/* vFile: the client reads files as they were when they were recorded; of others it gets those of this
 * machine. Nothing can be written. */
#include "debug/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Errors as gdb's File-I/O protocol numbers them; those that may come have the numbers of Linux. */
static void put_error(struct session *s, int e)
{
	put_fmt(&s->out, "F-1,%x", e == ENAMETOOLONG ? 91 : e);
}

static bool get_name(const char **p, char *out, size_t cap)
{
	size_t n = get_hex(p, (uint8_t *)out, cap - 1);
	out[n] = 0;
	return n;
}

static void file_open(struct session *s, const char *p)
{
	char name[4096];
	uint64_t flags = 0;
	size_t i = 0;
	if (!get_name(&p, name, sizeof(name)) || !get_char(&p, ',') || !get_num(&p, &flags) || flags & 3) {
		put_error(s, EACCES);
		return;
	}
	while (i < ARRAY_LEN(s->files) && s->files[i] >= 0)
		i++;
	if (i == ARRAY_LEN(s->files)) {
		put_error(s, EMFILE);
		return;
	}
	int32_t task = s->files_of ? procs_task(s, s->files_of) : s->general;
	int fd = proc_is(name) ? proc_open(s, name) : replay_file(s->r, task, name);
	if (fd < 0 && !proc_is(name))
		fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		put_error(s, errno);
		return;
	}
	s->files[i] = fd;
	put_fmt(&s->out, "F%zx", i);
}

static int get_fd(struct session *s, const char **p)
{
	uint64_t n;
	return get_num(p, &n) && n < ARRAY_LEN(s->files) ? s->files[n] : -1;
}

static void file_close(struct session *s, const char *p)
{
	uint64_t n;
	if (!get_num(&p, &n) || n >= ARRAY_LEN(s->files) || s->files[n] < 0) {
		put_error(s, EBADF);
		return;
	}
	close(s->files[n]);
	s->files[n] = -1;
	put_text(&s->out, "F0");
}

static void file_pread(struct session *s, const char *p)
{
	static uint8_t data[PACKET_MAX / 2];
	uint64_t n, off;
	int fd = get_fd(s, &p);
	if (fd < 0 || !get_char(&p, ',') || !get_num(&p, &n) || !get_char(&p, ',') || !get_num(&p, &off)) {
		put_error(s, EBADF);
		return;
	}
	ssize_t got = pread(fd, data, n < sizeof(data) ? n : sizeof(data), (off_t)off);
	if (got < 0) {
		put_error(s, errno);
		return;
	}
	put_fmt(&s->out, "F%zx;", (size_t)got);
	buf_put(&s->out, data, (size_t)got);
}

static void put_be(struct buf *b, uint64_t v, unsigned bytes)
{
	while (bytes--)
		buf_u8(b, (uint8_t)(v >> (8 * bytes)));
}

/* struct stat of the File-I/O protocol: big endian. */
static void file_fstat(struct session *s, const char *p)
{
	struct stat st;
	int fd = get_fd(s, &p);
	if (fd < 0 || fstat(fd, &st)) {
		put_error(s, fd < 0 ? EBADF : errno);
		return;
	}
	put_text(&s->out, "F40;");
	put_be(&s->out, st.st_dev, 4);
	put_be(&s->out, st.st_ino, 4);
	put_be(&s->out, st.st_mode, 4);
	put_be(&s->out, st.st_nlink, 4);
	put_be(&s->out, st.st_uid, 4);
	put_be(&s->out, st.st_gid, 4);
	put_be(&s->out, st.st_rdev, 4);
	put_be(&s->out, (uint64_t)st.st_size, 8);
	put_be(&s->out, (uint64_t)st.st_blksize, 8);
	put_be(&s->out, (uint64_t)st.st_blocks, 8);
	put_be(&s->out, (uint64_t)st.st_atime, 4);
	put_be(&s->out, (uint64_t)st.st_mtime, 4);
	put_be(&s->out, (uint64_t)st.st_ctime, 4);
}

static void file_readlink(struct session *s, const char *p)
{
	char name[4096], to[4096];
	ssize_t n = -1;
	if (!get_name(&p, name, sizeof(name)))
		errno = EINVAL;
	else if (!proc_is(name))
		n = readlink(name, to, sizeof(to));
	else if (proc_link(s, name))
		n = snprintf(to, sizeof(to), "%s", proc_link(s, name));
	else
		errno = ENOENT;
	if (n < 0) {
		put_error(s, errno);
		return;
	}
	put_fmt(&s->out, "F%zx;", (size_t)n);
	buf_put(&s->out, to, (size_t)n);
}

/* A process's files are those it has mapped; 0: the client knows of none. */
static void file_setfs(struct session *s, const char *p)
{
	uint64_t pid;
	s->files_of = get_num(&p, &pid) ? (int32_t)pid : 0;
	put_text(&s->out, "F0");
}

static const struct {
	const char *name;
	void (*answer)(struct session *s, const char *p);
} calls[] = {
	{"open:", file_open},	{"close:", file_close},	      {"pread:", file_pread},
	{"fstat:", file_fstat}, {"readlink:", file_readlink}, {"setfs:", file_setfs},
};

bool on_file(struct session *s, const char *p)
{
	p += strlen("vFile:");
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		size_t n = strlen(calls[i].name);
		if (!strncmp(p, calls[i].name, n)) {
			calls[i].answer(s, p + n);
			return true;
		}
	}
	return true;
}

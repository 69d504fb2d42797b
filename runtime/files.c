/* Calls on files. What a descriptor is decides whether a call on it may block; the
 * runtime finds that out once and remembers it until the descriptor is closed. */
#include "hook.h"

#include <asm/unistd.h>

#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define S_IFREG 0100000
#define S_IFDIR 0040000
#define S_IFCHR 0020000
#define S_IFIFO 0010000
#define O_CREAT 0100
#define O_NOFOLLOW 0400000
#define O_WRONLY 1
#define O_TRUNC 01000
#define AT_FDCWD ((uint64_t)-100)
#define AT_SYMLINK_NOFOLLOW 0x100
#define RWF_NOWAIT 8
#define MSG_DONTWAIT 0x40
#define ENOENT 2
#define ATOMIC_MAX 4096 /* PIPE_BUF: a pipe takes it whole or not at all */
#define IOV_MAX 64

/* struct stat of the kernel, arch/x86/include/uapi/asm/stat.h */
struct kstat {
	uint64_t dev, ino, nlink;
	uint32_t mode, uid, gid, pad;
	uint64_t rdev, size, rest[11];
};

struct iovec {
	uint64_t base, len;
};

static bool is_mapped(const struct kstat *st)
{
	uint32_t bit = mapped_bit(st->dev, st->ino);
	return WORLD->mapped[bit / 64] >> (bit % 64) & 1;
}

static bool is_output(const struct kstat *st)
{
	for (int i = 0; i < 2; i++) {
		if (WORLD->output[i].ino == st->ino && WORLD->output[i].dev == st->dev && st->ino)
			return true;
	}
	return false;
}

/* null, zero, full, random, urandom: major 1, minors 3, 5, 7, 8, 9 */
static bool is_memory_device(uint64_t rdev)
{
	return rdev >> 8 == 1 && (0x3a8 >> (rdev & 0xff) & 1) && (rdev & 0xff) < 10;
}

/* A generation of 0 never is the current one: such files are written with a stop. */
static uint32_t class_from(const struct kstat *st)
{
	uint32_t generation = WORLD->generation;
	switch (st->mode & S_IFMT) {
	case S_IFREG:
		if (st->dev == WORLD->proc_dev || is_output(st))
			return FD_ASK;
		return FD_FILE | (is_mapped(st) ? 0 : generation << 8);
	case S_IFDIR:
		return FD_FILE;
	case S_IFCHR:
		/* Whether it is the user's /dev/null or another one the recorder finds out, and tells in FDS. */
		return is_memory_device(st->rdev) && !is_output(st) ? FD_MEMORY : FD_ASK;
	case S_IFIFO:
		return is_output(st) ? FD_ASK : FD_PIPE;
	case S_IFSOCK:
		return is_output(st) ? FD_ASK : FD_SOCKET;
	}
	return st->mode & S_IFMT ? FD_ASK : FD_OTHER;
}

static uint32_t classify(uint64_t fd)
{
	struct kstat st;
	if (raw(__NR_fstat, fd, (uint64_t)&st, 0, 0, 0, 0))
		return FD_ASK;
	return FDS[fd] = class_from(&st);
}

static uint32_t entry(uint64_t fd)
{
	if (fd >= FDS_MAX || STATE->fds_off)
		return FD_ASK;
	uint32_t e = FDS[fd];
	return FD_CLASS(e) ? e : classify(fd);
}

uint32_t fd_class(uint64_t fd)
{
	return FD_CLASS(entry(fd));
}

/* May this file be written without telling those who map it? Only to be asked while
 * STATE->busy: the recorder changes the answer first and then waits for us. */
static bool unmapped(uint64_t fd)
{
	uint32_t now = WORLD->generation << 8 >> 8;
	uint32_t e = entry(fd);
	if (FD_CLASS(e) == FD_FILE && e >> 8 != now)
		e = classify(fd);
	return FD_CLASS(e) == FD_FILE && e >> 8 == now;
}

static void set_busy(bool on)
{
	__atomic_store_n(&((struct state *)RUNTIME_STATE)->busy, on, __ATOMIC_SEQ_CST);
}

bool fd_nonblocking(uint64_t fd)
{
	long fl = raw(__NR_fcntl, fd, 3 /* F_GETFL */, 0, 0, 0, 0);
	return fl >= 0 && fl & O_NONBLOCK;
}

bool fd_takes(uint64_t fd, uint64_t n)
{
	struct {
		int32_t fd;
		int16_t events, revents;
	} p = {(int32_t)fd, 4 /* POLLOUT */, 0};
	if (fd_nonblocking(fd))
		return true; /* then a short count is as it would be */
	return n <= ATOMIC_MAX && raw(__NR_poll, (uint64_t)&p, 1, 0, 0, 0, 0) == 1 && p.revents == 4;
}

/* --- opening and closing --- */

static bool is_proc_or_special(const struct kstat *st)
{
	uint32_t type = st->mode & S_IFMT;
	return (type != S_IFREG && type != S_IFDIR) || st->dev == WORLD->proc_dev ||
	       (WORLD->sys_dev && st->dev == WORLD->sys_dev);
}

/* Open with O_TRUNC, unless somebody maps the file: whoever maps it first waits for us. */
static int open_shorter(struct hook_frame *f, const struct call_row *row, uint64_t dir, uint64_t path, uint64_t flags)
{
	struct kstat st;
	long r = 0;
	set_busy(true);
	bool bail = !raw(__NR_newfstatat, dir, path, (uint64_t)&st,
			 flags & O_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0, 0, 0) &&
		    is_mapped(&st);
	if (!bail)
		r = raw_frame(f);
	set_busy(false);
	if (bail)
		return BAIL;
	if (r >= 0 && r < FDS_MAX)
		classify((uint64_t)r);
	return rec_row(f, row, r, 0);
}

/* Opening a FIFO or a device may block or do things, and files of /proc may show what
 * is ours: look first. */
int do_open(struct hook_frame *f, const struct call_row *row)
{
	struct kstat st;
	bool at = f->rax == __NR_openat;
	uint64_t dir = at ? f->rdi : AT_FDCWD, path = at ? f->rsi : f->rdi;
	uint64_t flags = at ? f->rdx : f->rax == __NR_creat ? O_CREAT | O_WRONLY | O_TRUNC : f->rsi;
	if (STATE->fds_off)
		return BAIL;
	long rc = raw(__NR_newfstatat, dir, path, (uint64_t)&st, flags & O_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0,
		      0, 0);
	if (!rc && is_proc_or_special(&st))
		return BAIL;
	if (flags & O_TRUNC)
		return open_shorter(f, row, dir, path, flags);
	long r = raw_frame(f);
	if (r >= 0 && r < FDS_MAX)
		classify((uint64_t)r);
	return rec_row(f, row, r, 0);
}

/* Closing a socket may linger, a terminal may drain. */
static bool closes_at_once(uint64_t fd)
{
	uint32_t c = fd_class(fd);
	return c != FD_ASK && c != FD_SOCKET;
}

int do_close(struct hook_frame *f, const struct call_row *row)
{
	if (!closes_at_once(f->rdi))
		return BAIL;
	FDS[f->rdi] = FD_UNKNOWN;
	return rec_row(f, row, raw_frame(f), 0);
}

int do_dup(struct hook_frame *f, const struct call_row *row)
{
	if (STATE->fds_off)
		return BAIL;
	uint32_t e = f->rdi < FDS_MAX ? FDS[f->rdi] : FD_UNKNOWN;
	long r = raw_frame(f);
	if (r >= 0 && r < FDS_MAX)
		FDS[r] = e;
	return rec_row(f, row, r, 0);
}

int do_dup_to(struct hook_frame *f, const struct call_row *row)
{
	struct kstat st;
	if (STATE->fds_off || f->rsi >= FDS_MAX || f->rdi >= FDS_MAX)
		return BAIL;
	/* What is there is closed; if nothing is, that is no question. */
	if (!raw(__NR_fstat, f->rsi, (uint64_t)&st, 0, 0, 0, 0) && !closes_at_once(f->rsi))
		return BAIL;
	long r = raw_frame(f);
	if (r >= 0)
		FDS[f->rsi] = FDS[f->rdi];
	return rec_row(f, row, r, 0);
}

/* --- reading and writing --- */

static int64_t or_bail(struct hook_frame *f, int64_t r, bool *bail)
{
	*bail = r == -EAGAIN ? !fd_nonblocking(f->rdi) : r == -95 /* EOPNOTSUPP */;
	return r;
}

static int64_t read_now(struct hook_frame *f, bool *bail)
{
	struct iovec v = {f->rsi, f->rdx};
	uint32_t c = fd_class(f->rdi);
	*bail = false;
	if (c == FD_FILE || c == FD_MEMORY)
		return raw_frame(f);
	*bail = true;
	if (f->rax != __NR_read || !v.len)
		return 0;
	if (c == FD_PIPE || c == FD_OTHER)
		return or_bail(f,
			       raw(__NR_preadv2, f->rdi, (uint64_t)&v, 1, (uint64_t)-1, 0, RWF_NOWAIT), bail);
	if (c == FD_SOCKET)
		return or_bail(f, raw(__NR_recvfrom, f->rdi, v.base, v.len, MSG_DONTWAIT, 0, 0), bail);
	return 0;
}

/* Memory before a bad address has been written, though nothing was read: the recorder does it again, and
 * records that. Not with sockets and eventfds: what they had to give is gone. */
static bool read_in_part(const struct hook_frame *f, int64_t result)
{
	uint32_t c = fd_class(f->rdi);
	return result == -EFAULT && (c == FD_FILE || c == FD_PIPE);
}

int do_read(struct hook_frame *f, const struct call_row *row)
{
	bool bail;
	if (f->rdx > DATA_MAX)
		return BAIL;
	int64_t r = read_now(f, &bail);
	return bail || read_in_part(f, r) ? BAIL : rec_row(f, row, r, 0);
}

/* A write to a file: not while others map it. */
static bool file_now(struct hook_frame *f, uint64_t fd, int64_t *result)
{
	set_busy(true);
	bool ok = unmapped(fd);
	if (ok)
		*result = raw_frame(f);
	set_busy(false);
	return ok && *result != -EINTR; /* the recorder knows whether the program is to see that */
}

static int64_t write_now(struct hook_frame *f, bool *bail)
{
	struct iovec v = {f->rsi, f->rdx};
	int64_t r = 0;
	uint32_t c = fd_class(f->rdi);
	*bail = false;
	if (c == FD_MEMORY)
		return raw_frame(f);
	if (c == FD_FILE) {
		*bail = !file_now(f, f->rdi, &r);
		return r;
	}
	*bail = true;
	if (f->rax != __NR_write || !v.len)
		return 0;
	if ((c == FD_PIPE && v.len <= ATOMIC_MAX) || (c == FD_OTHER && v.len == 8))
		return or_bail(f,
			       raw(__NR_pwritev2, f->rdi, (uint64_t)&v, 1, (uint64_t)-1, 0, RWF_NOWAIT),
			       bail);
	if (c == FD_SOCKET && v.len <= DATA_MAX && fd_takes(f->rdi, v.len))
		return or_bail(f, raw(__NR_sendto, f->rdi, v.base, v.len, MSG_DONTWAIT, 0, 0), bail);
	return 0;
}

int do_write(struct hook_frame *f, const struct call_row *row)
{
	bool bail;
	int64_t r = write_now(f, &bail);
	if (bail)
		return BAIL;
	struct recording rec = rec_begin(f, row);
	if (r > 0)
		rec_sample(&rec, f->rsi, (uint64_t)r);
	return rec_end(&rec, f, r);
}

/* The pieces' total; more than DATA_MAX, or too many pieces: UINT64_MAX. Reads the
 * program's memory, which may fault. */
static uint64_t total(const struct iovec *v, uint64_t n)
{
	uint64_t sum = 0;
	if (n > IOV_MAX)
		return UINT64_MAX;
	for (uint64_t i = 0; i < n; i++) {
		if (v[i].len > DATA_MAX || (sum += v[i].len) > DATA_MAX)
			return UINT64_MAX;
	}
	return sum;
}

int do_readv(struct hook_frame *f, const struct call_row *row)
{
	const struct iovec *v = (const struct iovec *)f->rsi;
	uint32_t c = fd_class(f->rdi);
	bool bail = false;
	int64_t r;
	if (total(v, f->rdx) == UINT64_MAX)
		return BAIL;
	if (c == FD_FILE || c == FD_MEMORY)
		r = raw_frame(f);
	else if (f->rax == __NR_readv && (c == FD_PIPE || c == FD_SOCKET))
		r = or_bail(f, raw(__NR_preadv2, f->rdi, f->rsi, f->rdx, (uint64_t)-1, 0, RWF_NOWAIT), &bail);
	else
		return BAIL;
	if (bail || read_in_part(f, r))
		return BAIL;
	struct recording rec = rec_begin(f, row);
	uint64_t left = r > 0 ? (uint64_t)r : 0;
	for (uint64_t i = 0; left && i < f->rdx; i++) {
		uint64_t n = v[i].len < left ? v[i].len : left;
		if (n)
			rec_piece(&rec, PIECE_OUT, v[i].base, n);
		left -= n;
	}
	return rec_end(&rec, f, r);
}

int do_writev(struct hook_frame *f, const struct call_row *row)
{
	const struct iovec *v = (const struct iovec *)f->rsi;
	uint32_t c = fd_class(f->rdi);
	uint64_t sum = total(v, f->rdx);
	bool bail = false;
	int64_t r = 0;
	if (sum == UINT64_MAX)
		return BAIL;
	if (c == FD_MEMORY)
		r = raw_frame(f);
	else if (c == FD_FILE)
		bail = !file_now(f, f->rdi, &r);
	else if (f->rax != __NR_writev || !sum)
		bail = true;
	else if ((c == FD_PIPE && sum <= ATOMIC_MAX) || (c == FD_SOCKET && fd_takes(f->rdi, sum)))
		r = or_bail(f, raw(__NR_pwritev2, f->rdi, f->rsi, f->rdx, (uint64_t)-1, 0, RWF_NOWAIT), &bail);
	else
		bail = true;
	if (bail)
		return BAIL;
	struct recording rec = rec_begin(f, row);
	if (r > 0)
		rec_sample(&rec, v[0].base, (uint64_t)r < v[0].len ? (uint64_t)r : v[0].len);
	return rec_end(&rec, f, r);
}

int do_ftruncate(struct hook_frame *f, const struct call_row *row)
{
	int64_t r;
	return file_now(f, f->rdi, &r) ? rec_row(f, row, r, 0) : BAIL;
}

/* copy_file_range(in, *off, out, *off, ...), sendfile(out, in, *off, ...) */
int do_copy(struct hook_frame *f, const struct call_row *row)
{
	bool send = f->rax == __NR_sendfile;
	uint64_t in = send ? f->rsi : f->rdi, out = send ? f->rdi : f->rdx;
	int64_t r;
	if (STATE->threads || fd_class(in) != FD_FILE || !file_now(f, out, &r))
		return BAIL;
	struct recording rec = rec_begin(f, row);
	if (r >= 0 && (send ? f->rdx : f->rsi))
		rec_piece(&rec, PIECE_OUT, send ? f->rdx : f->rsi, 8);
	if (r >= 0 && !send && f->r10)
		rec_piece(&rec, PIECE_OUT, f->r10, 8);
	return rec_end(&rec, f, r);
}

/* --- commands --- */

static int with_out(struct hook_frame *f, const struct call_row *row, uint64_t size)
{
	int64_t r = raw_frame(f);
	struct recording rec = rec_begin(f, row);
	if (r >= 0 && size)
		rec_piece(&rec, PIECE_OUT, f->rdx, size);
	return rec_end(&rec, f, r);
}

int do_fcntl(struct hook_frame *f, const struct call_row *row)
{
	switch (f->rsi) {
	case 0:	   /* F_DUPFD */
	case 1030: /* F_DUPFD_CLOEXEC */
		return do_dup(f, row);
	case 1: /* F_GETFD, F_SETFD, F_GETFL, F_SETFL */
	case 2:
	case 3:
	case 4:
	case 6:	   /* F_SETLK */
	case 37:   /* F_OFD_SETLK */
	case 1032: /* F_GETPIPE_SZ, F_ADD_SEALS, F_GET_SEALS */
	case 1033:
	case 1034:
		return with_out(f, row, 0);
	case 5:	 /* F_GETLK */
	case 36: /* F_OFD_GETLK */
		return with_out(f, row, 32);
	}
	return BAIL;
}

int do_ioctl(struct hook_frame *f, const struct call_row *row)
{
	int64_t r;
	switch ((uint32_t)f->rsi) {
	case 0x5401: /* TCGETS */
		return with_out(f, row, 36);
	case 0x5413: /* TIOCGWINSZ */
		return with_out(f, row, 8);
	case 0x540f: /* TIOCGPGRP */
	case 0x541b: /* FIONREAD */
		return with_out(f, row, 4);
	case 0x5421: /* FIONBIO, FIONCLEX, FIOCLEX */
	case 0x5450:
	case 0x5451:
		return with_out(f, row, 0);
	case 0x40049409: /* FICLONE */
		return file_now(f, f->rdi, &r) ? rec_row(f, row, r, 0) : BAIL;
	}
	return BAIL;
}

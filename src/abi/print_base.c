/* Values, names, strings and buffers as text. */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "abi/ioctls.h"
#include "abi/printer.h"
#include "base/mem.h"

#define SHOW 32 /* bytes of a buffer, as strace shows */
#define PATH_SHOWN 4096

void print_text(struct buf *b, const char *fmt, ...)
{
	char tmp[512];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(tmp, sizeof(tmp), fmt, ap);
	va_end(ap);
	if (n > 0)
		buf_put(b, tmp, (size_t)n < sizeof(tmp) ? (size_t)n : sizeof(tmp) - 1);
}

const char *signal_name(int sig)
{
	static _Thread_local char other[16];
	const char *name = sig == SIGIO ? "IO" : sigabbrev_np(sig); /* "POLL" is another name of it */
	if (name)
		snprintf(other, sizeof(other), "SIG%s", name);
	else if (sig >= 34 && sig <= 64)
		snprintf(other, sizeof(other), "SIGRT_%d", sig - 32);
	else if (sig == 32 || sig == 33)
		return sig == 32 ? "SIGRTMIN" : "SIGRT_1";
	else
		snprintf(other, sizeof(other), "SIG%d", sig);
	return other;
}

const char *errno_name(int e)
{
	switch (e) { /* the kernel's own, which programs never see */
	case 512:
		return "ERESTARTSYS";
	case 513:
		return "ERESTARTNOINTR";
	case 514:
		return "ERESTARTNOHAND";
	case 516:
		return "ERESTART_RESTARTBLOCK";
	}
	return strerrorname_np(e);
}

void print_flags(struct buf *b, const struct name_table *t, uint64_t v)
{
	const char *sep = "";
	uint64_t low = v & t->enum_mask, rest = v & ~t->enum_mask;
	const char *low_name = NULL;
	for (size_t i = 0; i < t->n; i++) {
		uint64_t n = t->names[i].value;
		if (t->enum_mask && !(n & ~t->enum_mask)) {
			if (n != low)
				continue;
			low_name = t->names[i].text;
		} else if (!n || (rest & n) != n) {
			continue;
		}
		print_text(b, "%s%s", sep, t->names[i].text);
		sep = "|";
		rest &= ~n;
	}
	if (low && !low_name) {
		print_text(b, "%s%#llx", sep, (unsigned long long)low);
		sep = "|";
	}
	if (!*sep && !rest) {
		for (size_t i = 0; i < t->n; i++) {
			if (!t->names[i].value) {
				print_text(b, "%s", t->names[i].text);
				return;
			}
		}
		print_text(b, "0");
	} else if (rest) {
		print_text(b, "%s%#llx", sep, (unsigned long long)rest);
		if (!*sep && t->comment)
			print_text(b, " /* %s */", t->comment);
	}
}

void print_named(struct buf *b, const struct name_table *t, uint64_t v, const char *otherwise)
{
	char number[64];
	for (size_t i = 0; i < t->n; i++) {
		if (t->names[i].value == v) {
			print_text(b, "%s", t->names[i].text);
			return;
		}
	}
	snprintf(number, sizeof(number), otherwise, (unsigned long long)v);
	print_text(b, "%s", number);
	if (t->comment)
		print_text(b, " /* %s */", t->comment);
}

void print_addr(struct buf *b, uint64_t addr)
{
	if (addr)
		print_text(b, "%#llx", (unsigned long long)addr);
	else
		print_text(b, "NULL");
}

void print_fd(struct printed_call *c, struct buf *b, int fd)
{
	print_text(b, "%d", fd);
	if (fd >= 0 && c->how->fd)
		c->how->fd(c->how->ctx, b, fd);
}

void print_mode(struct buf *b, uint32_t mode, bool type)
{
	static const char *const types[16] = {
		[1] = "S_IFIFO|", [2] = "S_IFCHR|",  [4] = "S_IFDIR|",	 [6] = "S_IFBLK|",
		[8] = "S_IFREG|", [10] = "S_IFLNK|", [12] = "S_IFSOCK|",
	};
	if (type) {
		if (types[mode >> 12 & 15])
			print_text(b, "%s", types[mode >> 12 & 15]);
		print_text(b, "%s%s%s", mode & S_ISUID ? "S_ISUID|" : "", mode & S_ISGID ? "S_ISGID|" : "",
			   mode & S_ISVTX ? "S_ISVTX|" : "");
		mode &= 0777;
	}
	print_text(b, "%#03o", mode);
}

/* Numbers that two drivers have, as strace writes them. */
static const struct name shared_numbers[] = {{0x5402, "SNDCTL_TMR_START or TCSETS"},
					     {0x5403, "SNDCTL_TMR_STOP or TCSETSW"},
					     {0x5404, "SNDCTL_TMR_CONTINUE or TCSETSF"},
					     {0x40049409, "BTRFS_IOC_CLONE or FICLONE"},
					     {0x4020940d, "BTRFS_IOC_CLONE_RANGE or FICLONERANGE"}};

static void ioctl_name(struct buf *b, uint32_t cmd)
{
	static const char *const dirs[] = {"_IOC_NONE", "_IOC_WRITE", "_IOC_READ", "_IOC_READ|_IOC_WRITE"};
	struct ioctl_row io = ioctl_lookup(cmd);
	for (size_t i = 0; i < ARRAY_LEN(shared_numbers); i++) {
		if (shared_numbers[i].value == cmd)
			io.name = shared_numbers[i].text;
	}
	if (io.name)
		print_text(b, "%s", io.name);
	else
		print_text(b, "_IOC(%s, %#x, %#x, %#x)", cmd ? dirs[cmd >> 30] : "_IOC_NONE", cmd >> 8 & 255,
			   cmd & 255, cmd >> 16 & 0x3fff);
}

void print_value(struct printed_call *c, struct buf *b, int type, uint64_t v)
{
	const struct name_table *t = name_table(type);
	if (t) {
		/* Most of these are ints; masks over 32 bits exist for clone3 only. */
		v = type == T_CLONE ? v : (uint32_t)v;
		if (t->flags)
			print_flags(b, t, v);
		else
			print_named(b, t, v, "%#llx");
		return;
	}
	switch (type) {
	case T_INT:
	case T_MSEC:
	case T_PID:
		print_text(b, "%d", (int)v);
		break;
	case T_UID:
		print_text(b, (int)v == -1 ? "-1" : "%u", (unsigned)v);
		break;
	case T_FD:
		print_fd(c, b, (int)v);
		break;
	case T_ATFD:
		if ((int)v == -100)
			print_text(b, "AT_FDCWD");
		if ((int)v != -100)
			print_fd(c, b, (int)v);
		else if (c->how->fd)
			c->how->fd(c->how->ctx, b, -100);
		break;
	case T_UINT:
		print_text(b, "%llu", (unsigned long long)v);
		break;
	case T_U32V:
		print_text(b, "%u", (unsigned)v);
		break;
	case T_LONG:
		print_text(b, "%lld", (long long)v);
		break;
	case T_OCT:
		print_mode(b, (uint32_t)v, false);
		break;
	case T_MODE:
		print_mode(b, (uint32_t)v, true);
		break;
	case T_DEV:
		print_text(b, "makedev(%#x, %#x)", major((dev_t)v), minor((dev_t)v));
		break;
	case T_SIG:
		print_text(b, "%s", (int)v ? signal_name((int)v) : "0");
		break;
	case T_IOCTLOP:
		ioctl_name(b, (uint32_t)v);
		break;
	case T_PTR:
		print_addr(b, v);
		break;
	default:
		print_text(b, v ? "%#llx" : "0", (unsigned long long)v);
	}
}

static bool is_text(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!isprint(p[i]) && !isspace(p[i]))
			return false;
	}
	return true;
}

static void octal(struct buf *b, const uint8_t *p, bool digit_follows)
{
	print_text(b, digit_follows ? "\\%03o" : "\\%o", *p);
}

void print_quoted(struct buf *b, const uint8_t *p, size_t n, bool more, bool hex)
{
	static const char esc[] = "\ff\nn\rr\tt\vv\"\"\\\\";
	buf_u8(b, '"');
	for (size_t i = 0; i < n; i++) {
		const char *e = p[i] ? memchr(esc, p[i], sizeof(esc) - 1) : NULL;
		if (hex)
			print_text(b, "\\x%02x", p[i]);
		else if (e && (e - esc) % 2 == 0)
			print_text(b, "\\%c", e[1]);
		else if (p[i] >= 32 && p[i] < 127)
			buf_u8(b, p[i]);
		else
			octal(b, p + i, i + 1 < n && p[i + 1] >= '0' && p[i + 1] <= '7');
	}
	print_text(b, more ? "\"..." : "\"");
}

static bool in_hex(const struct printed_call *c, const uint8_t *p, size_t n)
{
	return c->how->hex > 1 || (c->how->hex && !is_text(p, n));
}

static size_t shown_bytes(const struct printed_call *c)
{
	return c->how->text ? c->how->text : SHOW;
}

size_t printer_read(const struct printed_call *c, uint64_t addr, bool out, void *to, size_t n)
{
	return c->how->read(c->how->ctx, addr, out, to, n);
}

void print_string(struct printed_call *c, struct buf *b, uint64_t addr, bool path)
{
	uint8_t tmp[PATH_SHOWN];
	size_t max = path ? sizeof(tmp) - 1 : shown_bytes(c), n = 0, len = 0;
	if (!addr) {
		print_text(b, "NULL");
		return;
	}
	if (max > sizeof(tmp) - 1)
		max = sizeof(tmp) - 1;
	/* Page by page: the string may end just before memory that cannot be read. */
	while (n <= max) {
		size_t want = 4096 - ((addr + n) & 4095);
		want = want < max + 1 - n ? want : max + 1 - n;
		size_t got = want ? printer_read(c, addr + n, false, tmp + n, want) : 0;
		len = strnlen((char *)tmp, n + got);
		if (got < want || len < n + got) {
			n += got;
			break;
		}
		n += got;
	}
	if (!n || (len == n && n <= max)) {
		print_addr(b, addr);
		return;
	}
	bool more = len > max;
	len = more ? max : len;
	print_quoted(b, tmp, len, more, in_hex(c, tmp, len));
}

void print_bytes(struct printed_call *c, struct buf *b, uint64_t addr, bool out, uint64_t n, bool hex)
{
	size_t max = shown_bytes(c), want = n < max ? n : max;
	uint8_t *tmp = xmalloc(want + 1);
	if (!addr)
		print_text(b, "NULL");
	else if (printer_read(c, addr, out, tmp, want) == want)
		print_quoted(b, tmp, want, n > max, hex || in_hex(c, tmp, want));
	else
		print_addr(b, addr);
	free(tmp);
}

void print_iov(struct printed_call *c, struct buf *b, uint64_t addr, uint64_t count, bool out, uint64_t limit)
{
	uint64_t v[2];
	if (!addr || printer_read(c, addr, false, v, 0) || count > 1024) {
		print_addr(b, addr);
		return;
	}
	print_text(b, "[");
	for (uint64_t i = 0; i < count; i++) {
		if (printer_read(c, addr + 16 * i, false, v, 16) != 16) {
			print_text(b, "%s... /* %#llx */", i ? ", " : "",
				   (unsigned long long)(addr + 16 * i));
			break;
		}
		if (i >= shown_bytes(c) && !c->how->verbose) {
			print_text(b, ", ...");
			break;
		}
		uint64_t n = v[1] < limit ? v[1] : limit;
		print_text(b, "%s{iov_base=", i ? ", " : "");
		print_bytes(c, b, v[0], out, n, false);
		print_text(b, ", iov_len=%llu}", (unsigned long long)v[1]);
		limit -= n;
	}
	print_text(b, "]");
}

void print_sep(struct printed_call *c, struct buf *b)
{
	if (c->separated) {
		c->separated = false;
		return;
	}
	if (c->n && c->n <= PRINT_ARGS)
		c->end[c->n - 1] = b->len;
	if (c->n++)
		print_text(b, ", ");
}

void print_sigset(struct buf *b, uint64_t set)
{
	const char *sep = "";
	/* A nearly full set is shown by what it lacks, as strace does. */
	bool inverse = __builtin_popcountll(set) >= 43;
	print_text(b, inverse ? "~[" : "[");
	for (int sig = 1; sig <= 64; sig++) {
		if ((set >> (sig - 1) & 1) == !inverse) {
			print_text(b, "%s%s", sep, signal_name(sig) + 3);
			sep = " ";
		}
	}
	print_text(b, "]");
}

void print_date(struct buf *b, int64_t sec, uint64_t nsec)
{
	char date[64], zone[16];
	struct tm tm;
	time_t t = (time_t)sec;
	if ((!sec && !nsec) || !localtime_r(&t, &tm) ||
	    !strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm) ||
	    !strftime(zone, sizeof(zone), "%z", &tm))
		return;
	print_text(b, " /* %s", date);
	if (nsec)
		print_text(b, ".%09llu", (unsigned long long)nsec);
	print_text(b, "%s */", zone);
}

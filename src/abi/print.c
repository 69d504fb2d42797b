#include "abi/print.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <netinet/in.h>

#include "abi/ioctls.h"
#include "abi/names.h"
#include "abi/sysrow.h"
#include "base/mem.h"

#define SHOW 32 /* bytes of a buffer, as strace shows */

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
	const char *name = sigabbrev_np(sig);
	if (name)
		snprintf(other, sizeof(other), "SIG%s", name);
	else if (sig >= 34 && sig <= 64)
		snprintf(other, sizeof(other), "SIGRT_%d", sig - 32);
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

static void flags(struct buf *b, const struct name_table *t, uint64_t v)
{
	const char *sep = "";
	uint64_t low = v & t->enum_mask, rest = v & ~t->enum_mask;
	bool zero_named = false;
	for (size_t i = 0; i < t->n; i++) {
		uint64_t n = t->names[i].value;
		bool match = t->enum_mask && !(n & ~t->enum_mask) ? n == low && (n || t->enum_mask)
								  : n && (rest & n) == n;
		if (t->enum_mask && !(n & ~t->enum_mask) && n == low)
			zero_named = true;
		if (!match || (!n && !t->enum_mask))
			continue;
		print_text(b, "%s%s", sep, t->names[i].text);
		sep = "|";
		rest &= ~n;
	}
	if (low && !zero_named) {
		print_text(b, "%s0x%llx", sep, (unsigned long long)low);
		sep = "|";
	}
	if (rest)
		print_text(b, "%s0x%llx", sep, (unsigned long long)rest);
	else if (!*sep) {
		/* Nothing set: the name of zero where it has one. */
		for (size_t i = 0; i < t->n; i++) {
			if (!t->names[i].value) {
				print_text(b, "%s", t->names[i].text);
				return;
			}
		}
		print_text(b, "0");
	}
}

static void named(struct buf *b, const struct name_table *t, uint64_t v)
{
	if (t->flags) {
		flags(b, t, v);
		return;
	}
	for (size_t i = 0; i < t->n; i++) {
		if (t->names[i].value == v) {
			print_text(b, "%s", t->names[i].text);
			return;
		}
	}
	print_text(b, "%lld", (long long)v);
}

static void value(struct buf *b, enum abi_type type, uint64_t v)
{
	const struct name_table *t = name_table(type);
	struct ioctl_row io;
	if (t) {
		/* Most of these are ints; masks over 32 bits exist for clone3 only. */
		named(b, t, type == T_CLONE ? v : (uint32_t)v);
		return;
	}
	switch (type) {
	case T_INT:
	case T_MSEC:
	case T_FD:
	case T_PID:
		print_text(b, "%d", (int)v);
		break;
	case T_ATFD:
		if ((int)v == -100)
			print_text(b, "AT_FDCWD");
		else
			print_text(b, "%d", (int)v);
		break;
	case T_UINT:
		print_text(b, "%llu", (unsigned long long)v);
		break;
	case T_LONG:
		print_text(b, "%lld", (long long)v);
		break;
	case T_OCT:
		print_text(b, "0%llo", (unsigned long long)(uint32_t)v);
		break;
	case T_SIG:
		print_text(b, "%s", signal_name((int)v));
		break;
	case T_IOCTLOP:
		io = ioctl_lookup((uint32_t)v);
		if (io.name)
			print_text(b, "%s", io.name);
		else
			print_text(b, "0x%x", (unsigned)v);
		break;
	case T_PTR:
		if (v)
			print_text(b, "0x%llx", (unsigned long long)v);
		else
			print_text(b, "NULL");
		break;
	default:
		print_text(b, "0x%llx", (unsigned long long)v);
	}
}

static void quoted(struct buf *b, const uint8_t *p, size_t n, bool more)
{
	buf_u8(b, '"');
	for (size_t i = 0; i < n; i++) {
		static const char esc[] = "\aa\bb\ff\nn\rr\tt\vv\"\"\\\\";
		const char *e = p[i] ? strchr(esc, p[i]) : NULL;
		if (e && (e - esc) % 2 == 0)
			print_text(b, "\\%c", e[1]);
		else if (p[i] >= 32 && p[i] < 127)
			buf_u8(b, p[i]);
		else
			print_text(b, i + 1 < n && p[i + 1] >= '0' && p[i + 1] <= '7' ? "\\%03o" : "\\%o",
				   p[i]);
	}
	print_text(b, more ? "\"..." : "\"");
}

static uint64_t u64_at(const uint8_t *p, size_t i)
{
	uint64_t v;
	memcpy(&v, p + 8 * i, 8);
	return v;
}

static uint32_t u32_at(const uint8_t *p, size_t i)
{
	uint32_t v;
	memcpy(&v, p + 4 * i, 4);
	return v;
}

static void print_sigset(struct buf *b, uint64_t set)
{
	const char *sep = "";
	/* A nearly full set is shown by what it lacks, as strace does. */
	bool inverse = __builtin_popcountll(set) > 32;
	print_text(b, inverse ? "~[" : "[");
	for (int sig = 1; sig <= 64; sig++) {
		if ((set >> (sig - 1) & 1) == !inverse) {
			print_text(b, "%s%s", sep, signal_name(sig) + 3);
			sep = " ";
		}
	}
	print_text(b, "]");
}

static void sockaddr(struct buf *b, const uint8_t *p, size_t n)
{
	char text[INET6_ADDRSTRLEN];
	uint16_t family = 0, port;
	if (n >= 4) {
		memcpy(&family, p, 2);
		memcpy(&port, p + 2, 2);
	}
	if (family == AF_UNIX && n > 2) {
		print_text(b, "{sa_family=AF_UNIX, sun_path=%s", p[2] ? "" : "@");
		size_t at = p[2] ? 2 : 3;
		quoted(b, p + at, p[2] ? strnlen((const char *)p + at, n - at) : n - at, false);
		print_text(b, "}");
	} else if (family == AF_INET && n >= sizeof(struct sockaddr_in)) {
		inet_ntop(AF_INET, p + 4, text, sizeof(text));
		print_text(b, "{sa_family=AF_INET, sin_port=htons(%u), sin_addr=inet_addr(\"%s\")}",
			   ntohs(port), text);
	} else if (family == AF_INET6 && n >= sizeof(struct sockaddr_in6)) {
		inet_ntop(AF_INET6, p + 8, text, sizeof(text));
		print_text(b, "{sa_family=AF_INET6, sin6_port=htons(%u), \"%s\"}", ntohs(port), text);
	} else {
		print_text(b, "{sa_family=%u, ...}", family);
	}
}

static void wstatus(struct buf *b, int st)
{
	if (WIFEXITED(st))
		print_text(b, "[{WIFEXITED(s) && WEXITSTATUS(s) == %d}]", WEXITSTATUS(st));
	else if (WIFSIGNALED(st))
		print_text(b, "[{WIFSIGNALED(s) && WTERMSIG(s) == %s}]", signal_name(WTERMSIG(st)));
	else if (WIFSTOPPED(st))
		print_text(b, "[{WIFSTOPPED(s) && WSTOPSIG(s) == %s}]", signal_name(WSTOPSIG(st)));
	else
		print_text(b, "[0x%x]", st);
}

static void pollfds(struct buf *b, const uint8_t *p, size_t n)
{
	print_text(b, "[");
	for (size_t i = 0; i + 8 <= n && i < 8 * 16; i += 8)
		print_text(b, "%s{fd=%d, events=0x%x, revents=0x%x}", i ? ", " : "", (int)u32_at(p + i, 0),
			   p[i + 4] | p[i + 5] << 8, p[i + 6] | p[i + 7] << 8);
	print_text(b, "]");
}

static void memory(struct buf *b, enum abi_type type, const uint8_t *p, size_t n, uint64_t addr)
{
	size_t size = abi_type_size(type);
	struct stat st;
	if (n < size)
		goto opaque;
	switch (type) {
	case T_TIMESPEC:
		print_text(b, "{tv_sec=%lld, tv_nsec=%lld}", (long long)u64_at(p, 0),
			   (long long)u64_at(p, 1));
		return;
	case T_TIMEVAL:
		print_text(b, "{tv_sec=%lld, tv_usec=%lld}", (long long)u64_at(p, 0),
			   (long long)u64_at(p, 1));
		return;
	case T_SIGSET:
	case T_SIGMASK:
		print_sigset(b, u64_at(p, 0));
		return;
	case T_SIGACTION:
		print_text(b,
			   "{sa_handler=0x%llx, sa_flags=0x%llx, sa_mask=", (unsigned long long)u64_at(p, 0),
			   (unsigned long long)u64_at(p, 1));
		print_sigset(b, u64_at(p, 3));
		print_text(b, "}");
		return;
	case T_STAT:
		memcpy(&st, p, sizeof(st));
		print_text(b, "{st_mode=0%o, st_size=%lld, ...}", st.st_mode, (long long)st.st_size);
		return;
	case T_RLIMIT:
		print_text(b, "{rlim_cur=%lld, rlim_max=%lld}", (long long)u64_at(p, 0),
			   (long long)u64_at(p, 1));
		return;
	case T_FDPAIR:
		print_text(b, "[%d, %d]", (int)u32_at(p, 0), (int)u32_at(p, 1));
		return;
	case T_WSTATUS:
		wstatus(b, (int)u32_at(p, 0));
		return;
	case T_U32:
	case T_I32:
		print_text(b, "[%d]", (int)u32_at(p, 0));
		return;
	case T_U64:
		print_text(b, "[%lld]", (long long)u64_at(p, 0));
		return;
	case T_POLLFD:
		pollfds(b, p, n);
		return;
	case T_SOCKADDR:
		sockaddr(b, p, n);
		return;
	case T_BYTES:
		quoted(b, p, n < SHOW ? n : SHOW, n > SHOW);
		return;
	default:
		break;
	}
opaque:
	print_text(b, "0x%llx", (unsigned long long)addr);
}

static void string_array(struct buf *b, uint64_t addr, const struct print_memory *mem)
{
	print_text(b, "0x%llx", (unsigned long long)addr);
	(void)mem;
}

static void argument(struct buf *b, const struct arg_spec *s, uint64_t v, const struct print_memory *mem)
{
	const uint8_t *p = NULL;
	size_t n;
	bool out = s->kind == K_OUT || s->kind == K_IOV_OUT || s->kind == K_MSG_OUT;
	if (s->kind == K_VAL) {
		value(b, s->type, v);
		return;
	}
	if (!v) {
		print_text(b, "NULL");
		return;
	}
	n = mem->get(mem->ctx, v, out, &p);
	if (s->kind == K_STRV)
		string_array(b, v, mem);
	else if (s->kind == K_STR && n)
		quoted(b, p, p[n - 1] ? n : n - 1, p[n - 1]);
	else if (n && (s->kind == K_IN || s->kind == K_OUT || s->kind == K_INOUT))
		memory(b, s->type, p, n, v);
	else
		print_text(b, "0x%llx", (unsigned long long)v);
}

void print_call(struct buf *b, int64_t nr, const uint64_t args[6], const struct print_memory *mem)
{
	const struct sysrow *row = sys_row(nr);
	print_text(b, "%s(", sys_name(nr));
	for (int i = 0; i < 6 && row->args[i].kind != K_NONE; i++) {
		/* The mode of open counts only when a file may be made. */
		if (row->args[i].type == T_OCT && i && row->args[i - 1].type == T_OPEN &&
		    !(args[i - 1] & 0100))
			break;
		if (i)
			print_text(b, ", ");
		argument(b, &row->args[i], args[i], mem);
	}
	print_text(b, ")");
}

void print_result(struct buf *b, int64_t nr, int64_t r)
{
	if (r < 0 && r > -4096) {
		const char *name = errno_name((int)-r);
		if (r <= -512)
			print_text(b, " = ? %s", name ? name : "ERESTART");
		else
			print_text(b, " = -1 %s (%s)", name ? name : "E?", strerror((int)-r));
	} else if (sys_row(nr)->flags & F_HEX) {
		print_text(b, " = 0x%llx", (unsigned long long)r);
	} else {
		print_text(b, " = %lld", (long long)r);
	}
}

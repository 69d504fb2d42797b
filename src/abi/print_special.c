/* Arguments whose meaning depends on others: clone, futex, fcntl, ioctl, prctl, sockets. */
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/prctl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "abi/ioctls.h"
#include "abi/printer.h"
#include "base/mem.h"

static bool failed(const struct printed_call *c)
{
	return c->result < 0 && c->result > -4096;
}

static void number(struct printed_call *c, struct buf *b, const char *fmt, uint64_t v)
{
	print_sep(c, b);
	print_text(b, fmt, (unsigned long long)v);
}

static enum special done(struct printed_call *c)
{
	c->at = 6;
	return SPECIAL_DONE;
}

static enum special next(struct printed_call *c)
{
	c->at++;
	return SPECIAL_DONE;
}

/* An int behind a pointer. */
static void int_at(struct printed_call *c, struct buf *b, uint64_t addr, bool out)
{
	int v;
	if (addr && printer_read(c, addr, out, &v, 4) == 4)
		print_text(b, "[%d]", v);
	else
		print_addr(b, addr);
}

/* clone(child_stack=, flags=, and where the flags say so parent_tid=, tls=, child_tidptr=) */
static enum special clone_args(struct printed_call *c, struct buf *b)
{
	uint64_t flags = c->args[0];
	if (c->at == 0) {
		print_sep(c, b);
		print_text(b, "child_stack=");
		print_addr(b, c->args[1]);
		print_sep(c, b);
		print_text(b, "flags=");
		print_value(c, b, T_CLONE, flags);
		c->at = 2;
	}
	if (!c->exit)
		return SPECIAL_LATER;
	if (flags & (CLONE_PARENT_SETTID | CLONE_PIDFD)) {
		print_sep(c, b);
		print_text(b, "parent_tid=");
		if (failed(c))
			print_addr(b, c->args[2]);
		else
			int_at(c, b, c->args[2], true);
	}
	if (flags & CLONE_SETTLS)
		number(c, b, "tls=%#llx", c->args[4]);
	if (flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)) {
		print_sep(c, b);
		print_text(b, "child_tidptr=");
		print_addr(b, c->args[3]);
	}
	return done(c);
}

/* The size comes at the exit, behind what the kernel has written. */
static enum special clone3_args(struct printed_call *c, struct buf *b)
{
	uint64_t v[4];
	if (c->at != 1)
		return NOT_SPECIAL;
	if (!c->exit)
		return SPECIAL_LATER;
	if (!failed(c) && printer_read(c, c->args[0], false, v, sizeof(v)) == sizeof(v) &&
	    v[0] & CLONE_PARENT_SETTID) {
		print_text(b, " => {parent_tid=");
		int_at(c, b, v[3], true);
		print_text(b, "}");
	}
	return NOT_SPECIAL;
}

static enum special futex_args(struct printed_call *c, struct buf *b)
{
	const uint64_t *a = c->args;
	if (c->at != 2)
		return NOT_SPECIAL;
	switch (a[1] & FUTEX_CMD_MASK) {
	case FUTEX_WAKE:
	case FUTEX_FD:
		number(c, b, "%d", a[2]);
		break;
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
	case FUTEX_WAIT_REQUEUE_PI:
		number(c, b, "%u", a[2]);
		print_sep(c, b);
		print_timespec(c, b, a[3], false);
		if ((a[1] & FUTEX_CMD_MASK) == FUTEX_WAIT)
			break;
		if ((a[1] & FUTEX_CMD_MASK) == FUTEX_WAIT_REQUEUE_PI)
			number(c, b, "%#llx", a[4]);
		else
			number(c, b, (uint32_t)a[5] == ~0u ? "FUTEX_BITSET_MATCH_ANY" : "%#x",
			       (uint32_t)a[5]);
		break;
	case FUTEX_WAKE_BITSET:
		number(c, b, "%d", a[2]);
		number(c, b, (uint32_t)a[5] == ~0u ? "FUTEX_BITSET_MATCH_ANY" : "%#x", (uint32_t)a[5]);
		break;
	case FUTEX_REQUEUE:
	case FUTEX_CMP_REQUEUE:
	case FUTEX_CMP_REQUEUE_PI:
	case FUTEX_WAKE_OP:
		number(c, b, "%d", a[2]);
		number(c, b, "%d", a[3]);
		number(c, b, "%#llx", a[4]);
		if ((a[1] & FUTEX_CMD_MASK) != FUTEX_REQUEUE)
			number(c, b, (a[1] & FUTEX_CMD_MASK) == FUTEX_WAKE_OP ? "%#x" : "%u", (uint32_t)a[5]);
		break;
	case FUTEX_LOCK_PI:
		print_sep(c, b);
		print_timespec(c, b, a[3], false);
		break;
	case FUTEX_UNLOCK_PI:
	case FUTEX_TRYLOCK_PI:
		break;
	default:
		return NOT_SPECIAL;
	}
	return done(c);
}

static void lock_text(struct printed_call *c, struct buf *b, bool got)
{
	static const char *const types[] = {"F_RDLCK", "F_WRLCK", "F_UNLCK"};
	struct flock l;
	print_sep(c, b);
	if (!c->args[2] || failed(c) || printer_read(c, c->args[2], got, &l, sizeof(l)) != sizeof(l)) {
		print_addr(b, c->args[2]);
		return;
	}
	print_text(b, "{l_type=%s, l_whence=", l.l_type >= 0 && l.l_type < 3 ? types[l.l_type] : "?");
	print_value(c, b, T_WHENCE, (uint64_t)l.l_whence);
	print_text(b, ", l_start=%lld, l_len=%lld", (long long)l.l_start, (long long)l.l_len);
	if (got)
		print_text(b, ", l_pid=%d", l.l_pid);
	print_text(b, "}");
}

static enum special fcntl_args(struct printed_call *c, struct buf *b)
{
	if (c->at != 2)
		return NOT_SPECIAL;
	switch (c->args[1]) {
	case F_GETFD:
	case F_GETFL:
	case F_GETOWN:
	case F_GETSIG:
	case F_GETLEASE:
	case F_GETPIPE_SZ:
	case F_GET_SEALS:
		return done(c);
	case F_SETFD:
		number(c, b, c->args[2] == 1 ? "FD_CLOEXEC" : c->args[2] ? "%#llx" : "0", c->args[2]);
		return done(c);
	case F_SETFL:
		print_sep(c, b);
		print_value(c, b, T_OPEN, c->args[2]);
		return done(c);
	case F_GETLK:
	case F_OFD_GETLK:
		if (!c->exit)
			return SPECIAL_LATER;
		lock_text(c, b, true);
		return done(c);
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		lock_text(c, b, false);
		return done(c);
	}
	number(c, b, "%d", c->args[2]);
	return done(c);
}

#define FICLONE_CMD 0x40049409 /* its argument is a descriptor */
#define FIOCLEX_CMD 0x5451
#define FIONCLEX_CMD 0x5450
#define TIOCGWINSZ_CMD 0x5413
#define TIOCSWINSZ_CMD 0x5414

#define TCGETS_CMD 0x5401
#define TCSETSF_CMD 0x5404
#define TCSBRK_CMD 0x5409
#define TCXONC_CMD 0x540a
#define TCFLSH_CMD 0x540b

static void winsize(struct printed_call *c, struct buf *b, bool out)
{
	uint16_t v[4];
	if (c->args[2] && printer_read(c, c->args[2], out, v, 8) == 8)
		print_text(b, "{ws_row=%u, ws_col=%u, ws_xpixel=%u, ws_ypixel=%u}", v[0], v[1], v[2], v[3]);
	else
		print_addr(b, c->args[2]);
}

/* A value with a name, or none: what to flush, what to suspend. */
static void terminal_value(struct printed_call *c, struct buf *b, uint32_t cmd)
{
	static const char *const names[][4] = {{"TCOOFF", "TCOON", "TCIOFF", "TCION"},
					       {"TCIFLUSH", "TCOFLUSH", "TCIOFLUSH", NULL}};
	uint64_t v = c->args[2];
	const char *name = cmd != TCSBRK_CMD && v < 4 ? names[cmd == TCFLSH_CMD][v] : NULL;
	if (name)
		print_text(b, "%s", name);
	else if (cmd == TCSBRK_CMD)
		print_text(b, "%d", (int)v);
	else
		print_text(b, "%#llx", (unsigned long long)v);
}

static enum special ioctl_args(struct printed_call *c, struct buf *b)
{
	struct ioctl_row row = ioctl_lookup((uint32_t)c->args[1]);
	bool out = row.dir == IOD_OUT || row.dir == IOD_INOUT;
	if (c->at != 2)
		return NOT_SPECIAL;
	if (row.cmd == FIOCLEX_CMD || row.cmd == FIONCLEX_CMD)
		return done(c);
	if (!c->exit && (out || row.dir == IOD_UNKNOWN))
		return SPECIAL_LATER;
	print_sep(c, b);
	if (out && failed(c))
		print_addr(b, c->args[2]);
	else if (row.cmd == TIOCGWINSZ_CMD || row.cmd == TIOCSWINSZ_CMD)
		winsize(c, b, out);
	else if (row.cmd >= TCGETS_CMD && row.cmd <= TCSETSF_CMD)
		print_termios(c, b, c->args[2], out);
	else if (row.cmd >= TCSBRK_CMD && row.cmd <= TCFLSH_CMD)
		terminal_value(c, b, row.cmd);
	else if (row.name && row.size == 4 && row.dir != IOD_NONE)
		int_at(c, b, c->args[2], out);
	else if ((uint32_t)c->args[1] == FICLONE_CMD)
		print_fd(c, b, (int)c->args[2]);
	else
		print_text(b, c->args[2] ? "%#llx" : "0", (unsigned long long)c->args[2]);
	return done(c);
}

/* How many arguments behind the first an operation has. */
static enum special prctl_args(struct printed_call *c, struct buf *b)
{
	static const struct {
		uint32_t op;
		uint8_t n;
		const char *fmt;
	} ops[] = {
		{PR_GET_DUMPABLE, 0, NULL},	  {PR_GET_KEEPCAPS, 0, NULL},
		{PR_GET_SECCOMP, 0, NULL},	  {PR_GET_TIMERSLACK, 0, NULL},
		{PR_GET_SECUREBITS, 0, NULL},	  {PR_SET_KEEPCAPS, 1, "%llu"},
		{PR_SET_TIMERSLACK, 1, "%llu"},	  {PR_SET_CHILD_SUBREAPER, 1, "%llu"},
		{PR_SET_NO_NEW_PRIVS, 4, "%llu"}, {PR_GET_NO_NEW_PRIVS, 4, "%llu"},
		{PR_SET_THP_DISABLE, 4, "%llu"},
	};
	if (c->at != 1)
		return NOT_SPECIAL;
	if (c->args[0] == PR_SET_NAME) {
		print_sep(c, b);
		print_string(c, b, c->args[1], false);
		return done(c);
	}
	if (c->args[0] == PR_SET_DUMPABLE && c->args[1] < 2) {
		number(c, b, c->args[1] ? "SUID_DUMP_USER" : "SUID_DUMP_DISABLE", 0);
		return done(c);
	}
	if (c->args[0] == PR_SET_PDEATHSIG) {
		print_sep(c, b);
		print_value(c, b, T_SIG, c->args[1]);
		return done(c);
	}
	for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
		if (ops[i].op != c->args[0])
			continue;
		for (int k = 0; k < ops[i].n; k++)
			number(c, b, ops[i].fmt, c->args[1 + k]);
		return done(c);
	}
	return NOT_SPECIAL;
}

static enum special socket_args(struct printed_call *c, struct buf *b)
{
	static const struct name ips[] = {{0, "IPPROTO_IP"},   {1, "IPPROTO_ICMP"},    {6, "IPPROTO_TCP"},
					  {17, "IPPROTO_UDP"}, {58, "IPPROTO_ICMPV6"}, {255, "IPPROTO_RAW"}};
	static const struct name nls[] = {{0, "NETLINK_ROUTE"},		  {4, "NETLINK_SOCK_DIAG"},
					  {9, "NETLINK_AUDIT"},		  {12, "NETLINK_NETFILTER"},
					  {15, "NETLINK_KOBJECT_UEVENT"}, {16, "NETLINK_GENERIC"}};
	static const struct name_table ip = {ips, ARRAY_LEN(ips), 0, 0, NULL},
				       nl = {nls, ARRAY_LEN(nls), 0, 0, NULL};
	if (c->at != 2)
		return NOT_SPECIAL;
	print_sep(c, b);
	if (c->args[0] == AF_INET || c->args[0] == AF_INET6)
		print_named(b, &ip, c->args[2], "%llu");
	else if (c->args[0] == AF_NETLINK)
		print_named(b, &nl, c->args[2], "%llu");
	else
		print_text(b, "%d", (int)c->args[2]);
	return next(c);
}

static const struct name sockopts[] = {
	{1, "SO_DEBUG"},	  {2, "SO_REUSEADDR"},	   {3, "SO_TYPE"},	    {4, "SO_ERROR"},
	{5, "SO_DONTROUTE"},	  {6, "SO_BROADCAST"},	   {7, "SO_SNDBUF"},	    {8, "SO_RCVBUF"},
	{9, "SO_KEEPALIVE"},	  {10, "SO_OOBINLINE"},	   {12, "SO_PRIORITY"},	    {13, "SO_LINGER"},
	{15, "SO_REUSEPORT"},	  {16, "SO_PASSCRED"},	   {17, "SO_PEERCRED"},	    {18, "SO_RCVLOWAT"},
	{20, "SO_RCVTIMEO_OLD"},  {21, "SO_SNDTIMEO_OLD"}, {25, "SO_BINDTODEVICE"}, {26, "SO_ATTACH_FILTER"},
	{29, "SO_TIMESTAMP_OLD"}, {30, "SO_ACCEPTCONN"},   {31, "SO_PEERSEC"},	    {32, "SO_SNDBUFFORCE"},
	{33, "SO_RCVBUFFORCE"},	  {36, "SO_MARK"},	   {38, "SO_PROTOCOL"},	    {39, "SO_DOMAIN"},
};
static const struct name nlopts[] = {
	{1, "NETLINK_ADD_MEMBERSHIP"},	 {2, "NETLINK_DROP_MEMBERSHIP"}, {3, "NETLINK_PKTINFO"},
	{4, "NETLINK_BROADCAST_ERROR"},	 {5, "NETLINK_NO_ENOBUFS"},	 {8, "NETLINK_LISTEN_ALL_NSID"},
	{9, "NETLINK_LIST_MEMBERSHIPS"}, {10, "NETLINK_CAP_ACK"},	 {11, "NETLINK_EXT_ACK"},
	{12, "NETLINK_GET_STRICT_CHK"},
};
static const struct name tcpopts[] = {
	{1, "TCP_NODELAY"},	      {2, "TCP_MAXSEG"},      {3, "TCP_CORK"},		{4, "TCP_KEEPIDLE"},
	{5, "TCP_KEEPINTVL"},	      {6, "TCP_KEEPCNT"},     {9, "TCP_DEFER_ACCEPT"},	{11, "TCP_INFO"},
	{12, "TCP_QUICKACK"},	      {13, "TCP_CONGESTION"}, {18, "TCP_USER_TIMEOUT"}, {23, "TCP_FASTOPEN"},
	{30, "TCP_FASTOPEN_CONNECT"},
};
static const struct name ipopts[] = {
	{1, "IP_TOS"},	    {2, "IP_TTL"},  {8, "IP_PKTINFO"},	     {10, "IP_MTU_DISCOVER"},
	{11, "IP_RECVERR"}, {14, "IP_MTU"}, {32, "IP_MULTICAST_IF"}, {35, "IP_ADD_MEMBERSHIP"}};
static const struct name ip6opts[] = {{26, "IPV6_V6ONLY"}, {25, "IPV6_RECVERR"}, {49, "IPV6_RECVPKTINFO"}};

static const struct name_table *options_of(uint64_t level)
{
	static const struct name_table sock = {sockopts, ARRAY_LEN(sockopts), 0, 0, NULL},
				       tcp = {tcpopts, ARRAY_LEN(tcpopts), 0, 0, NULL},
				       ip = {ipopts, ARRAY_LEN(ipopts), 0, 0, NULL},
				       ip6 = {ip6opts, ARRAY_LEN(ip6opts), 0, 0, NULL},
				       nl = {nlopts, ARRAY_LEN(nlopts), 0, 0, NULL},
				       none = {NULL, 0, 0, 0, NULL};
	return level == SOL_SOCKET ? &sock
	       : level == 6	   ? &tcp
	       : level == 0	   ? &ip
	       : level == 41	   ? &ip6
	       : level == 270	   ? &nl
				   : &none;
}

static void error_at(struct printed_call *c, struct buf *b, uint64_t addr)
{
	int e = 0;
	if (printer_read(c, addr, true, &e, 4) == 4 && e && errno_name(e))
		print_text(b, "[%s]", errno_name(e));
	else
		int_at(c, b, addr, true);
}

static enum special sockopt_args(struct printed_call *c, struct buf *b)
{
	bool get = c->nr == SYS_getsockopt;
	uint32_t len = (uint32_t)c->args[4];
	if (c->at == 2) {
		print_sep(c, b);
		print_named(b, options_of(c->args[1]), (uint32_t)c->args[2], "%#llx");
		return next(c);
	}
	if (c->at != 3)
		return NOT_SPECIAL;
	if (get && !c->exit)
		return SPECIAL_LATER;
	if (get && (failed(c) || printer_read(c, c->args[4], true, &len, 4) != 4))
		len = 0;
	if (len != 4)
		return NOT_SPECIAL;
	print_sep(c, b);
	if (get && c->args[1] == SOL_SOCKET && c->args[2] == SO_ERROR)
		error_at(c, b, c->args[3]);
	else
		int_at(c, b, c->args[3], get);
	return next(c);
}

/* A string that the kernel has written, whose NUL counts. */
static enum special getcwd_args(struct printed_call *c, struct buf *b)
{
	if (c->at != 0)
		return NOT_SPECIAL;
	if (!c->exit)
		return SPECIAL_LATER;
	print_sep(c, b);
	if (c->result > 0)
		print_string(c, b, c->args[0], true);
	else
		print_addr(b, c->args[0]);
	return next(c);
}

#define UC_SIGMASK 296 /* in struct ucontext, which a handler returns with on top of the stack */

static enum special sigreturn_args(struct printed_call *c, struct buf *b)
{
	uint64_t set;
	if (c->how->sp && !c->exit && printer_read(c, c->how->sp + UC_SIGMASK, false, &set, 8) == 8) {
		print_sep(c, b);
		print_text(b, "{mask=");
		print_sigset(b, set);
		print_text(b, "}");
	}
	return done(c);
}

static enum special add_key_args(struct printed_call *c, struct buf *b)
{
	if (c->at != (c->nr == SYS_add_key ? 4 : 3))
		return NOT_SPECIAL;
	print_sep(c, b);
	print_key(b, c->args[c->at]);
	return next(c);
}

/* Of flags that name protections and commands, only those that the call has. */
static enum special mremap_args(struct printed_call *c, struct buf *b)
{
	if (c->at == 4 && !(c->args[3] & 2 /* MREMAP_FIXED */))
		return done(c);
	(void)b;
	return NOT_SPECIAL;
}

enum special print_special(struct printed_call *c, struct buf *b)
{
	static const struct {
		uint16_t nr;
		enum special (*print)(struct printed_call *c, struct buf *b);
	} calls[] = {
		{SYS_clone, clone_args},	{SYS_clone3, clone3_args},
		{SYS_futex, futex_args},	{SYS_fcntl, fcntl_args},
		{SYS_ioctl, ioctl_args},	{SYS_prctl, prctl_args},
		{SYS_socket, socket_args},	{SYS_socketpair, socket_args},
		{SYS_setsockopt, sockopt_args}, {SYS_getsockopt, sockopt_args},
		{SYS_getcwd, getcwd_args},	{SYS_rt_sigreturn, sigreturn_args},
		{SYS_mremap, mremap_args},	{SYS_keyctl, print_keyctl},
		{SYS_add_key, add_key_args},	{SYS_request_key, add_key_args},
	};
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		if (calls[i].nr == c->nr)
			return calls[i].print(c, b);
	}
	return NOT_SPECIAL;
}

#include "tracer/fddetail.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "abi/print.h"
#include "base/mem.h"

/* --- sockets of the internet: /proc/PID/net/tcp and its like --- */

/* "0100007F:0050", or four such words. */
static bool address(const char *hex, bool v6, struct buf *b, unsigned *port)
{
	uint32_t words[4] = {0};
	char text[INET6_ADDRSTRLEN];
	for (int i = 0; i < (v6 ? 4 : 1); i++) {
		if (sscanf(hex + 8 * i, "%8x", &words[i]) != 1)
			return false;
	}
	if (sscanf(hex + (v6 ? 32 : 8), ":%x", port) != 1)
		return false;
	inet_ntop(v6 ? AF_INET6 : AF_INET, words, text, sizeof(text));
	print_text(b, v6 ? "[%s]:%u" : "%s:%u", text, *port);
	return true;
}

static bool inet_line(const char *line, const char *name, unsigned long ino, bool v6, struct buf *b)
{
	char local[64], remote[64];
	unsigned long found;
	unsigned port;
	struct buf l = {0}, r = {0};
	if (sscanf(line, " %*[^ ] %63s %63s %*s %*s %*s %*s %*s %*s %lu", local, remote, &found) != 3 ||
	    found != ino)
		return false;
	bool ok = address(local, v6, &l, &port) && address(remote, v6, &r, &port);
	if (ok && port)
		print_text(b, "%s:[%.*s->%.*s]", name, (int)l.len, (char *)l.data, (int)r.len,
			   (char *)r.data);
	else if (ok)
		print_text(b, "%s:[%.*s]", name, (int)l.len, (char *)l.data);
	buf_free(&l);
	buf_free(&r);
	return ok;
}

static bool inet_text(pid_t tid, const char *table, const char *name, unsigned long ino, struct buf *b)
{
	char path[64], line[512];
	bool found = false;
	snprintf(path, sizeof(path), "/proc/%d/net/%s", tid, table);
	FILE *f = fopen(path, "re");
	while (f && !found && fgets(line, sizeof(line), f))
		found = inet_line(line, name, ino, strchr(table, '6') != NULL, b);
	if (f)
		fclose(f);
	return found;
}

/* --- Unix sockets: the kernel tells about the other end by sock_diag only --- */

static ssize_t ask_unix(unsigned ino, char *reply, size_t size)
{
	struct {
		struct nlmsghdr h;
		struct unix_diag_req r;
	} ask = {{sizeof(ask), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 1, 0},
		 {.sdiag_family = AF_UNIX,
		  .udiag_states = ~0u,
		  .udiag_ino = ino,
		  .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER,
		  .udiag_cookie = {~0u, ~0u}}};
	int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	ssize_t n = s < 0 || send(s, &ask, sizeof(ask), 0) < 0 ? -1 : recv(s, reply, size, 0);
	if (s >= 0)
		close(s);
	return n;
}

static bool unix_text(const char *name, unsigned long ino, struct buf *b)
{
	_Alignas(struct nlmsghdr) char reply[1024];
	ssize_t n = ask_unix((unsigned)ino, reply, sizeof(reply));
	const struct nlmsghdr *h = (const void *)reply;
	unsigned head = NLMSG_SPACE(sizeof(struct unix_diag_msg)), peer = 0;
	const char *path = NULL;
	int len = 0;
	if (n < (ssize_t)head || h->nlmsg_type != SOCK_DIAG_BY_FAMILY || h->nlmsg_len > (size_t)n)
		return false;
	for (unsigned at = head; at + sizeof(struct nlattr) <= h->nlmsg_len;) {
		const struct nlattr *a = (const void *)(reply + at);
		if (a->nla_len < sizeof(*a) || at + a->nla_len > h->nlmsg_len)
			break;
		if (a->nla_type == UNIX_DIAG_PEER && a->nla_len >= sizeof(*a) + 4)
			memcpy(&peer, a + 1, 4);
		if (a->nla_type == UNIX_DIAG_NAME) {
			path = (const char *)(a + 1);
			len = a->nla_len - (int)sizeof(*a);
		}
		at += NLA_ALIGN(a->nla_len);
	}
	if (!peer && len <= 0)
		return false;
	print_text(b, "%s:[%lu", name, ino);
	if (peer)
		print_text(b, "->%u", peer);
	if (len > 0 && *path)
		print_text(b, ",\"%.*s\"", (int)strnlen(path, (size_t)len), path);
	else if (len > 1)
		print_text(b, ",@\"%.*s\"", len - 1, path + 1);
	print_text(b, "]");
	return true;
}

/* --- all --- */

static void socket_text(pid_t tid, const char *link, unsigned long ino, struct buf *b)
{
	static const struct {
		const char *name, *table;
	} tables[] = {{"TCP", "tcp"},	      {"TCPv6", "tcp6"},	 {"UDP", "udp"}, {"UDPv6", "udp6"},
		      {"UDPLITE", "udplite"}, {"UDPLITEv6", "udplite6"}, {"RAW", "raw"}, {"RAWv6", "raw6"}};
	char name[64];
	ssize_t n = getxattr(link, "system.sockprotoname", name, sizeof(name) - 1);
	if (n <= 0) {
		print_text(b, "socket:[%lu]", ino);
		return;
	}
	name[n] = 0;
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		if (!strcmp(tables[i].name, name) && inet_text(tid, tables[i].table, name, ino, b))
			return;
	}
	if (!strncmp(name, "UNIX", 4) && unix_text(name, ino, b))
		return;
	print_text(b, "%s:[%lu]", name, ino);
}

static long process_of(pid_t tid, int fd)
{
	char path[64], line[256];
	long pid = -1;
	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", tid, fd);
	FILE *f = fopen(path, "re");
	while (f && pid < 0 && fgets(line, sizeof(line), f))
		sscanf(line, "Pid: %ld", &pid);
	if (f)
		fclose(f);
	return pid;
}

void fd_detail(pid_t tid, int fd, const char *path, struct buf *b)
{
	char link[64];
	unsigned long ino;
	struct stat st;
	snprintf(link, sizeof(link), "/proc/%d/fd/%d", tid, fd);
	bool device = *path == '/' && !stat(link, &st) && (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode));
	long pid = strcmp(path, "anon_inode:[pidfd]") ? -1 : process_of(tid, fd);
	if (sscanf(path, "socket:[%lu]", &ino) == 1)
		socket_text(tid, link, ino, b);
	else if (device)
		print_text(b, "%s<%s %u:%u>", path, S_ISCHR(st.st_mode) ? "char" : "block", major(st.st_rdev),
			   minor(st.st_rdev));
	else if (pid >= 0)
		print_text(b, "pid:%ld", pid);
	else
		print_text(b, "%s", path);
}

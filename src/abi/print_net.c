/* Sockets: addresses, messages. */
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "abi/printer.h"
#include "base/mem.h"

static void unix_text(struct buf *b, const uint8_t *p, size_t n)
{
	print_text(b, "AF_UNIX");
	if (n > 2 && p[2]) {
		print_text(b, ", sun_path=");
		print_quoted(b, p + 2, strnlen((const char *)p + 2, n - 2), false, false);
	} else if (n > 2) {
		print_text(b, ", sun_path=@");
		print_quoted(b, p + 3, n - 3, false, false);
	}
}

static void inet6_text(struct buf *b, const struct sockaddr_in6 *a)
{
	char text[INET6_ADDRSTRLEN];
	print_text(b,
		   "AF_INET6, sin6_port=htons(%u), sin6_flowinfo=htonl(%u), inet_pton(AF_INET6, \"%s\", "
		   "&sin6_addr), "
		   "sin6_scope_id=%u",
		   ntohs(a->sin6_port), ntohl(a->sin6_flowinfo),
		   inet_ntop(AF_INET6, &a->sin6_addr, text, sizeof(text)), a->sin6_scope_id);
}

void print_sockaddr(struct buf *b, const uint8_t *p, size_t n)
{
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_nl nl;
	} u = {{0}};
	char text[INET_ADDRSTRLEN];
	memcpy(&u, p, n < sizeof(u) ? n : sizeof(u));
	print_text(b, "{sa_family=");
	if (u.sa.sa_family == AF_UNIX) {
		unix_text(b, p, n);
	} else if (u.sa.sa_family == AF_INET && n >= sizeof(u.in)) {
		print_text(b, "AF_INET, sin_port=htons(%u), sin_addr=inet_addr(\"%s\")", ntohs(u.in.sin_port),
			   inet_ntop(AF_INET, &u.in.sin_addr, text, sizeof(text)));
	} else if (u.sa.sa_family == AF_INET6 && n >= sizeof(u.in6)) {
		inet6_text(b, &u.in6);
	} else if (u.sa.sa_family == AF_NETLINK && n >= sizeof(u.nl)) {
		print_text(b, "AF_NETLINK, nl_pid=%u, nl_groups=%08x", u.nl.nl_pid, u.nl.nl_groups);
	} else {
		print_value(NULL, b, T_SOCKFAM, u.sa.sa_family);
		print_text(b, ", sa_data=");
		print_quoted(b, p + 2, n > 2 ? n - 2 : 0, false, false);
	}
	print_text(b, "}");
}

bool print_net_struct(struct shown *s, int type)
{
	uint8_t p[sizeof(struct sockaddr_storage)];
	if (type != T_SOCKADDR)
		return false;
	size_t n = s->n < sizeof(p) ? s->n : sizeof(p);
	if (n < 2 || printer_read(s->c, s->addr, s->out, p, n) != n)
		return false;
	print_sockaddr(s->b, p, n);
	return true;
}

static void control(struct printed_call *c, struct buf *b, uint64_t addr, uint64_t len, bool out)
{
	_Alignas(struct cmsghdr) uint8_t p[1024];
	struct msghdr m = {.msg_control = p, .msg_controllen = len};
	if (!len)
		return;
	print_text(b, ", msg_control=");
	if (len > sizeof(p) || printer_read(c, addr, out, p, len) != len) {
		print_addr(b, addr);
		return;
	}
	const char *sep = "[";
	for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h)) {
		bool fds = h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS;
		bool cred = h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_CREDENTIALS;
		size_t n = h->cmsg_len > CMSG_LEN(0) ? h->cmsg_len - CMSG_LEN(0) : 0;
		if ((uint8_t *)CMSG_DATA(h) + n > p + len)
			break;
		print_text(b, "%s{cmsg_len=%zu, cmsg_level=", sep, (size_t)h->cmsg_len);
		print_value(c, b, T_SOCKLEVEL, (uint64_t)h->cmsg_level);
		print_text(b,
			   fds	  ? ", cmsg_type=SCM_RIGHTS"
			   : cred ? ", cmsg_type=SCM_CREDENTIALS"
				  : ", cmsg_type=%#x",
			   (unsigned)h->cmsg_type);
		const int *v = (const int *)CMSG_DATA(h);
		if (fds) {
			print_text(b, ", cmsg_data=[");
			for (size_t i = 0; i < n / 4; i++) {
				print_text(b, i ? ", " : "");
				print_fd(c, b, v[i]);
			}
			print_text(b, "]");
		} else if (cred && n >= 12) {
			print_text(b, ", cmsg_data={pid=%d, uid=%u, gid=%u}", v[0], (unsigned)v[1],
				   (unsigned)v[2]);
		} else if (n) {
			print_text(b, ", cmsg_data=...");
		}
		print_text(b, "}");
		sep = ", ";
	}
	print_text(b, *sep == '[' ? "[]" : "]");
}

void print_msghdr(struct printed_call *c, struct buf *b, uint64_t addr, bool out, uint64_t limit)
{
	struct msghdr m;
	uint8_t name[sizeof(struct sockaddr_storage)];
	if (!addr || printer_read(c, addr, out, &m, sizeof(m)) != sizeof(m)) {
		print_addr(b, addr);
		return;
	}
	print_text(b, "{msg_name=");
	size_t n = m.msg_namelen < sizeof(name) ? m.msg_namelen : sizeof(name);
	if (m.msg_name && n >= 2 && printer_read(c, (uint64_t)m.msg_name, out, name, n) == n)
		print_sockaddr(b, name, n);
	else
		print_addr(b, (uint64_t)m.msg_name);
	print_text(b, ", msg_namelen=%d, msg_iov=", (int)m.msg_namelen);
	print_iov(c, b, (uint64_t)m.msg_iov, m.msg_iovlen, out, limit);
	print_text(b, ", msg_iovlen=%zu", m.msg_iovlen);
	control(c, b, (uint64_t)m.msg_control, m.msg_controllen, out);
	print_text(b, ", msg_controllen=%zu, msg_flags=", m.msg_controllen);
	print_value(c, b, T_MSGFLAG, (uint64_t)m.msg_flags);
	print_text(b, "}");
}

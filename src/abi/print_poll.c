/* poll, select, epoll. */
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#include "abi/printer.h"
#include "base/mem.h"

static const struct name poll_bits[] = {
	{POLLIN, "POLLIN"},	    {POLLPRI, "POLLPRI"},	{POLLOUT, "POLLOUT"},
	{POLLERR, "POLLERR"},	    {POLLHUP, "POLLHUP"},	{POLLNVAL, "POLLNVAL"},
	{POLLRDNORM, "POLLRDNORM"}, {POLLRDBAND, "POLLRDBAND"}, {POLLWRNORM, "POLLWRNORM"},
	{POLLWRBAND, "POLLWRBAND"}, {POLLMSG, "POLLMSG"},	{POLLRDHUP, "POLLRDHUP"},
};
static const struct name_table poll_events = {poll_bits, ARRAY_LEN(poll_bits), 0, 1, NULL};

static const struct name epoll_bits[] = {
	{EPOLLIN, "EPOLLIN"},	      {EPOLLPRI, "EPOLLPRI"},	      {EPOLLOUT, "EPOLLOUT"},
	{EPOLLRDNORM, "EPOLLRDNORM"}, {EPOLLRDBAND, "EPOLLRDBAND"},   {EPOLLWRNORM, "EPOLLWRNORM"},
	{EPOLLWRBAND, "EPOLLWRBAND"}, {EPOLLMSG, "EPOLLMSG"},	      {EPOLLERR, "EPOLLERR"},
	{EPOLLHUP, "EPOLLHUP"},	      {EPOLLRDHUP, "EPOLLRDHUP"},     {EPOLLEXCLUSIVE, "EPOLLEXCLUSIVE"},
	{EPOLLWAKEUP, "EPOLLWAKEUP"}, {EPOLLONESHOT, "EPOLLONESHOT"}, {EPOLLET, "EPOLLET"},
};
static const struct name_table epoll_events = {epoll_bits, ARRAY_LEN(epoll_bits), 0, 1, NULL};

#define POLLFDS 1024

static bool pollfds(struct printed_call *c, struct buf *b, uint64_t addr, uint64_t n, bool found)
{
	struct pollfd *f = xmalloc(sizeof(*f) * (POLLFDS + 1));
	const char *sep = "";
	n = n < POLLFDS ? n : POLLFDS;
	bool ok = printer_read(c, addr, found, f, n * sizeof(*f)) == n * sizeof(*f);
	if (ok)
		print_text(b, "[");
	unsigned shown = 0, max = c->how->text ? c->how->text : 32;
	for (uint64_t i = 0; ok && i < n; i++) {
		if (found && !f[i].revents)
			continue;
		if (shown++ >= max && !c->how->verbose) {
			print_text(b, "%s...", sep);
			break;
		}
		print_text(b, "%s{fd=", sep);
		print_fd(c, b, f[i].fd);
		if (f[i].fd >= 0) {
			print_text(b, found ? ", revents=" : ", events=");
			print_flags(b, &poll_events, (uint16_t)(found ? f[i].revents : f[i].events));
		}
		print_text(b, "}");
		sep = ", ";
	}
	if (ok)
		print_text(b, "]");
	free(f);
	return ok;
}

static bool fd_set_text(struct printed_call *c, struct buf *b, uint64_t addr, bool out)
{
	uint8_t bits[128] = {0};
	const char *sep = "";
	int n = (int)c->args[0];
	n = n < 0 ? 0 : n > 1024 ? 1024 : n;
	size_t len = (size_t)(n + 63) / 64 * 8;
	if (!addr || printer_read(c, addr, out, bits, len) != len)
		return false;
	print_text(b, "[");
	for (int i = 0; i < n; i++) {
		if (!(bits[i / 8] >> (i % 8) & 1))
			continue;
		print_text(b, "%s", sep);
		print_fd(c, b, i);
		sep = " ";
	}
	print_text(b, "]");
	return true;
}

static void epoll_event(struct buf *b, const struct epoll_event *e)
{
	print_text(b, "{events=");
	print_flags(b, &epoll_events, e->events);
	print_text(b, ", data={u32=%u, u64=%llu}}", e->data.u32, (unsigned long long)e->data.u64);
}

static bool epoll_list(struct shown *s)
{
	struct epoll_event e;
	size_t n = s->n / sizeof(e);
	bool one = s->c->nr == SYS_epoll_ctl;
	if (printer_read(s->c, s->addr, s->out, &e, n ? sizeof(e) : 0) != (n ? sizeof(e) : 0))
		return false;
	if (!one)
		print_text(s->b, "[");
	for (size_t i = 0; i < n; i++) {
		if (printer_read(s->c, s->addr + i * sizeof(e), s->out, &e, sizeof(e)) != sizeof(e))
			break;
		print_text(s->b, i ? ", " : "");
		epoll_event(s->b, &e);
	}
	if (!one)
		print_text(s->b, "]");
	return true;
}

bool print_poll_struct(struct shown *s, int type)
{
	if (type == T_POLLFD)
		return pollfds(s->c, s->b, s->addr, s->c->args[1], false);
	if (type == T_FDSET)
		return fd_set_text(s->c, s->b, s->addr, s->out);
	if (type == T_EPOLL_EVENT)
		return epoll_list(s);
	return false;
}

static bool poll_result(struct printed_call *c, struct buf *b)
{
	struct buf list = {0};
	bool ok = c->result > 0 && pollfds(c, &list, c->args[0], c->args[1], true);
	if (ok) {
		print_text(b, " (");
		buf_put(b, list.data, list.len);
	} else if (!c->result) {
		print_text(b, " (Timeout");
	}
	buf_free(&list);
	return ok;
}

static bool select_result(struct printed_call *c, struct buf *b)
{
	static const char *const names[] = {"in", "out", "except"};
	const char *sep = " (";
	if (!c->result) {
		print_text(b, " (Timeout)");
		return false;
	}
	for (int i = 0; i < 3; i++) {
		struct buf set = {0};
		/* strace leaves out the empty ones. */
		if (fd_set_text(c, &set, c->args[1 + i], true) && set.len > 2) {
			print_text(b, "%s%s ", sep, names[i]);
			buf_put(b, set.data, set.len);
			sep = ", ";
		}
		buf_free(&set);
	}
	return *sep == ',';
}

static void left(struct printed_call *c, struct buf *b, uint64_t addr, const char *part)
{
	int64_t v[2];
	if (addr && printer_read(c, addr, true, v, 16) == 16)
		print_text(b, ", left {tv_sec=%lld, tv_%s=%lld}", (long long)v[0], part, (long long)v[1]);
}

void print_poll_result(struct printed_call *c, struct buf *b)
{
	bool open = false;
	switch (c->nr) {
	case SYS_poll:
	case SYS_ppoll:
		open = poll_result(c, b);
		if (open && c->nr == SYS_ppoll)
			left(c, b, c->args[2], "nsec");
		if (open || !c->result)
			print_text(b, ")");
		break;
	case SYS_select:
	case SYS_pselect6:
		open = select_result(c, b);
		if (open) {
			left(c, b, c->args[4], c->nr == SYS_select ? "usec" : "nsec");
			print_text(b, ")");
		}
		break;
	}
}

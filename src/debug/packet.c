#include "debug/packet.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- the wire --- */

/* One more byte, waiting for it at most `ms` (-1: for ever); -1: none. */
static int next_byte(struct wire *w, int ms)
{
	while (w->in_at == w->in_len) {
		struct pollfd p = {w->fd, POLLIN, 0};
		int n = w->gone ? 0 : poll(&p, 1, ms);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		ssize_t got = recv(w->fd, w->in, sizeof(w->in), 0);
		if (got < 0 && errno == EINTR)
			continue;
		w->gone = got <= 0;
		w->in_at = 0;
		w->in_len = got > 0 ? (size_t)got : 0;
		if (w->gone)
			return -1;
	}
	return w->in[w->in_at++];
}

static void send_all(struct wire *w, const void *data, size_t n)
{
	const char *p = data;
	while (n && !w->gone) {
		ssize_t k = send(w->fd, p, n, MSG_NOSIGNAL);
		if (k < 0 && errno == EINTR)
			continue;
		w->gone = k <= 0;
		p += k > 0 ? k : 0;
		n -= k > 0 ? (size_t)k : 0;
	}
}

static int digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

enum body { BODY_GONE, BODY_WRONG, BODY_LONG, BODY_GOOD };

/* What is between $ and #, and the checksum behind it. Of one that is too long `out` has the beginning. */
static enum body get_body(struct wire *w, struct buf *out)
{
	uint8_t sum = 0;
	int c, escape = 0;
	out->len = 0;
	while ((c = next_byte(w, -1)) >= 0 && c != '#') {
		sum = (uint8_t)(sum + c);
		if (c == '}' && !escape) {
			escape = 0x20;
			continue;
		}
		if (out->len < PACKET_MAX)
			buf_u8(out, (uint8_t)(c ^ escape));
		escape = 0;
	}
	int hi = digit(next_byte(w, -1)), lo = digit(next_byte(w, -1));
	if (c < 0 || w->gone)
		return BODY_GONE;
	if (out->len >= PACKET_MAX)
		return BODY_LONG;
	return hi >= 0 && lo >= 0 && (hi << 4 | lo) == sum ? BODY_GOOD : BODY_WRONG;
}

enum wire_event wire_get(struct wire *w, struct buf *out)
{
	for (;;) {
		int c = next_byte(w, -1);
		if (c < 0)
			return WIRE_GONE;
		if (c == 3)
			return WIRE_INTERRUPT;
		if (c != '$') /* acknowledgements, noise */
			continue;
		enum body body = get_body(w, out);
		if (body == BODY_GONE)
			return WIRE_GONE;
		if (!w->no_ack)
			send_all(w, body == BODY_WRONG ? "-" : "+", 1);
		if (body == BODY_WRONG && !w->no_ack)
			continue; /* it comes again */
		if (body == BODY_LONG)
			return WIRE_LONG;
		buf_u8(out, 0);
		out->len--;
		return WIRE_PACKET;
	}
}

void wire_put(struct wire *w, const struct buf *b)
{
	struct buf out = {0};
	uint8_t sum = 0;
	char end[4];
	buf_u8(&out, '$');
	for (size_t i = 0; i < b->len; i++) {
		uint8_t c = b->data[i];
		if (c == '$' || c == '#' || c == '}' || c == '*') {
			buf_u8(&out, '}');
			sum = (uint8_t)(sum + '}');
			c ^= 0x20;
		}
		buf_u8(&out, c);
		sum = (uint8_t)(sum + c);
	}
	snprintf(end, sizeof(end), "#%02x", sum);
	buf_put(&out, end, 3);
	send_all(w, out.data, out.len);
	buf_free(&out);
}

void wire_print(struct wire *w, const void *text, size_t len)
{
	struct buf packet = {0};
	const size_t most = (PACKET_MAX - 16) / 2;
	for (size_t at = 0; at < len; at += most) {
		packet.len = 0;
		put_text(&packet, "O");
		put_hex(&packet, (const uint8_t *)text + at, len - at < most ? len - at : most);
		wire_put(w, &packet);
	}
	buf_free(&packet);
}

static bool hung_up(const struct wire *w)
{
	struct pollfd p = {w->fd, POLLRDHUP, 0};
	return poll(&p, 1, 0) > 0 && p.revents & (POLLRDHUP | POLLHUP | POLLERR);
}

/* While the program runs a client sends nothing but interrupts, and acknowledges what the program prints;
 * what else comes is kept. */
bool wire_interrupted(struct wire *w)
{
	int c;
	do
		c = next_byte(w, 0);
	while (c == '+' || c == '-');
	if (c == 3) {
		w->broken_in = true;
	} else if (c >= 0) {
		w->in_at--;
		w->gone = hung_up(w);
	}
	return w->broken_in || w->gone;
}

/* --- text --- */

void put_text(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void xml_text(struct buf *b, const char *s)
{
	for (; *s; s++) {
		if (*s == '&')
			put_text(b, "&amp;");
		else if (*s == '<')
			put_text(b, "&lt;");
		else if (*s == '"')
			put_text(b, "&quot;");
		else
			buf_u8(b, (uint8_t)*s);
	}
}

void put_fmt(struct buf *b, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_put(b, text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

void put_hex(struct buf *b, const void *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = bytes;
	for (size_t i = 0; i < n; i++) {
		buf_u8(b, (uint8_t)digits[p[i] >> 4]);
		buf_u8(b, (uint8_t)digits[p[i] & 15]);
	}
}

bool get_num(const char **p, uint64_t *out)
{
	const char *from = *p;
	uint64_t v = 0;
	int d;
	while ((d = digit(**p)) >= 0) {
		v = v << 4 | (uint64_t)d;
		++*p;
	}
	*out = v;
	return *p != from;
}

bool get_char(const char **p, char c)
{
	if (**p != c)
		return false;
	++*p;
	return true;
}

static bool get_signed(const char **p, int64_t *out)
{
	uint64_t v;
	bool minus = get_char(p, '-');
	if (!get_num(p, &v))
		return false;
	*out = minus ? -1 : (int64_t)v;
	return true;
}

bool get_thread(const char **p, int64_t *pid, int64_t *tid)
{
	*pid = 0;
	if (get_char(p, 'p')) {
		*tid = -1;
		if (!get_signed(p, pid))
			return false;
		if (!get_char(p, '.'))
			return true;
	}
	return get_signed(p, tid);
}

size_t get_hex(const char **p, uint8_t *out, size_t cap)
{
	size_t n = 0;
	while (n < cap && digit((*p)[0]) >= 0 && digit((*p)[1]) >= 0) {
		out[n++] = (uint8_t)(digit((*p)[0]) << 4 | digit((*p)[1]));
		*p += 2;
	}
	return n;
}

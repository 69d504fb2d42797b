/* printf of an agent expression. */
#include "debug/agent.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"

#define WIDTH_MAX 1000
#define STRING_MAX 4096 /* bytes of a %s */

/* The character that an escape behind a backslash stands for; *p moves behind it. */
static char escaped(const char **p)
{
	static const char names[] = "abefnrtv", values[] = "\a\b\033\f\n\r\t\v";
	char c = *(*p)++;
	const char *n = c ? strchr(names, c) : NULL;
	if (n)
		return values[n - names];
	if (c < '0' || c > '7')
		return c;
	unsigned v = (unsigned)(c - '0');
	for (int i = 0; i < 2 && **p >= '0' && **p <= '7'; i++)
		v = v * 8 + (unsigned)(*(*p)++ - '0');
	return (char)v;
}

/* What stands between % and the letter. */
struct directive {
	char flags[8];
	unsigned width, precision;
	bool precise;
	unsigned bytes; /* of the integer */
	char letter;
};

static unsigned number(const char **p)
{
	unsigned n = 0;
	while (**p >= '0' && **p <= '9') {
		n = n * 10 + (unsigned)(*(*p)++ - '0');
		n = n < WIDTH_MAX ? n : WIDTH_MAX;
	}
	return n;
}

static unsigned integer_size(const char **p)
{
	unsigned size = 4;
	for (; **p && strchr("hljzt", **p); (*p)++)
		size = **p == 'h' ? size / 2 : 8;
	return size ? size : 1;
}

static void get_directive(const char **p, struct directive *d)
{
	size_t n = 0;
	memset(d, 0, sizeof(*d));
	while (**p && strchr("-+ #0'", **p)) {
		if (n + 1 < sizeof(d->flags) && !strchr(d->flags, **p))
			d->flags[n++] = **p;
		(*p)++;
	}
	d->width = number(p);
	if (**p == '.') {
		(*p)++;
		d->precise = true;
		d->precision = number(p);
	}
	d->bytes = integer_size(p);
	d->letter = **p;
	if (**p)
		(*p)++;
}

static void format_of(const struct directive *d, const char *end, char out[48])
{
	int n = snprintf(out, 48, "%%%s", d->flags);
	if (d->width)
		n += snprintf(out + n, 48 - (size_t)n, "%u", d->width);
	if (d->precise)
		n += snprintf(out + n, 48 - (size_t)n, ".%u", d->precision);
	snprintf(out + n, 48 - (size_t)n, "%s", end);
}

/* The string at `addr`, up to its end or STRING_MAX bytes. */
static int read_string(const struct agent_target *target, uint64_t addr, char text[STRING_MAX + 1])
{
	size_t n = 0;
	while (n < STRING_MAX) {
		size_t want = STRING_MAX - n < 64 ? STRING_MAX - n : 64;
		size_t got = target->read(target->ctx, addr + n, text + n, want);
		if (memchr(text + n, 0, got))
			return 0;
		n += got;
		if (got < want)
			return err_set("cannot read a string at 0x%llx", (unsigned long long)addr);
	}
	text[n] = 0;
	return 0;
}

static uint64_t cut(uint64_t v, unsigned bytes, bool sign)
{
	unsigned shift = 64 - 8 * bytes;
	return sign ? (uint64_t)((int64_t)(v << shift) >> shift) : v << shift >> shift;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static int print_value(const struct directive *d, uint64_t v, const struct agent_target *target,
		       struct buf *out)
{
	char format[48], end[4] = {'l', 'l', d->letter, 0}, text[STRING_MAX + WIDTH_MAX + 64];
	char string[STRING_MAX + 1];
	int n = -1;
	switch (d->letter) {
	case 'd':
	case 'i':
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		format_of(d, end, format);
		n = snprintf(text, sizeof(text), format,
			     (long long)cut(v, d->bytes, d->letter == 'd' || d->letter == 'i'));
		break;
	case 'c':
		format_of(d, "c", format);
		n = snprintf(text, sizeof(text), format, (int)(v & 0xff));
		break;
	case 'p':
		format_of(d, "p", format);
		n = snprintf(text, sizeof(text), format, (void *)v);
		break;
	case 's':
		if (read_string(target, v, string))
			return -1;
		format_of(d, "s", format);
		n = snprintf(text, sizeof(text), format, string);
		break;
	}
	if (n < 0)
		return err_set("printf cannot show %%%c here", d->letter ? d->letter : ' ');
	buf_put(out, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
	return 0;
}
#pragma GCC diagnostic pop

int agent_print(const char *format, const uint64_t *args, unsigned nargs, const struct agent_target *target,
		struct buf *out)
{
	unsigned i = 0;
	struct directive d;
	for (const char *p = format; *p;) {
		char c = *p++;
		if (c == '%' && *p == '%') {
			p++;
		} else if (c == '%') {
			get_directive(&p, &d);
			if (i == nargs)
				return err_set("printf has too few values");
			if (print_value(&d, args[i++], target, out))
				return -1;
			continue;
		} else if (c == '\\' && *p) {
			c = escaped(&p);
		}
		buf_u8(out, (uint8_t)c);
	}
	return 0;
}

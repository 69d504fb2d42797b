#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

uint8_t *buf_room(struct buf *b, size_t n)
{
	if (b->len + n > b->cap) {
		size_t cap = b->cap ? b->cap : 256;
		while (cap < b->len + n)
			cap *= 2;
		b->data = xrealloc(b->data, cap);
		b->cap = cap;
	}
	uint8_t *p = b->data + b->len;
	b->len += n;
	return p;
}

void buf_put(struct buf *b, const void *data, size_t n)
{
	if (n)
		memcpy(buf_room(b, n), data, n);
}

void buf_u8(struct buf *b, uint8_t v)
{
	*buf_room(b, 1) = v;
}

void buf_u64(struct buf *b, uint64_t v)
{
	uint8_t tmp[10];
	size_t n = 0;
	do {
		tmp[n] = v & 0x7f;
		v >>= 7;
		if (v)
			tmp[n] |= 0x80;
		n++;
	} while (v);
	buf_put(b, tmp, n);
}

void buf_s64(struct buf *b, int64_t v)
{
	buf_u64(b, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63));
}

void buf_bytes(struct buf *b, const void *data, size_t n)
{
	buf_u64(b, n);
	buf_put(b, data, n);
}

void buf_str(struct buf *b, const char *s)
{
	buf_bytes(b, s, strlen(s));
}

void buf_free(struct buf *b)
{
	free(b->data);
	*b = (struct buf){0};
}

struct rd rd_make(const void *data, size_t n)
{
	const uint8_t *p = data;
	return (struct rd){p, p ? p + n : p, false};
}

const uint8_t *rd_raw(struct rd *r, size_t n)
{
	if (r->bad || n > (size_t)(r->end - r->p)) {
		r->bad = true;
		return NULL;
	}
	const uint8_t *p = r->p;
	r->p += n;
	return p;
}

uint8_t rd_u8(struct rd *r)
{
	const uint8_t *p = rd_raw(r, 1);
	return p ? *p : 0;
}

uint64_t rd_u64(struct rd *r)
{
	uint64_t v = 0;
	for (unsigned shift = 0; shift < 70; shift += 7) {
		uint8_t c = rd_u8(r);
		if (r->bad)
			return 0;
		if (shift == 63 && c > 1)
			break;
		v |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80))
			return v;
	}
	r->bad = true;
	return 0;
}

int64_t rd_s64(struct rd *r)
{
	uint64_t v = rd_u64(r);
	return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

const uint8_t *rd_bytes(struct rd *r, size_t *n)
{
	uint64_t len = rd_u64(r);
	*n = 0;
	if (r->bad || len > (size_t)(r->end - r->p)) {
		r->bad = true;
		return NULL;
	}
	*n = (size_t)len;
	return rd_raw(r, *n);
}

void rd_str(struct rd *r, char *out, size_t cap)
{
	size_t n;
	const uint8_t *p = rd_bytes(r, &n);
	if (!p || n >= cap) {
		r->bad = true;
		n = 0;
	}
	if (n)
		memcpy(out, p, n);
	out[n] = 0;
}

/* A growing byte buffer, and a bounded reader over bytes that nobody trusts.
 * Integers are LEB128 varints; signed ones are zigzag coded first. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *data;
	size_t len, cap;
};

/* Make room for `n` more bytes and return where they start. Out of memory ends
 * the process: nothing sensible can be done, and every caller would have to. */
uint8_t *buf_room(struct buf *b, size_t n);
void buf_put(struct buf *b, const void *data, size_t n);
void buf_u8(struct buf *b, uint8_t v);
void buf_u64(struct buf *b, uint64_t v);
void buf_s64(struct buf *b, int64_t v);
/* A length as varint, then that many bytes. */
void buf_bytes(struct buf *b, const void *data, size_t n);
void buf_str(struct buf *b, const char *s);
void buf_free(struct buf *b);

/* Reading: the first overrun sets `bad`, after which every get returns zero. */
struct rd {
	const uint8_t *p, *end;
	bool bad;
};

struct rd rd_make(const void *data, size_t n);
uint8_t rd_u8(struct rd *r);
uint64_t rd_u64(struct rd *r);
int64_t rd_s64(struct rd *r);
/* `n` raw bytes inside the underlying buffer, or NULL (and bad). */
const uint8_t *rd_raw(struct rd *r, size_t n);
/* A counted byte string; *n is its length. NULL (and bad) when it does not fit. */
const uint8_t *rd_bytes(struct rd *r, size_t *n);
/* A counted string, copied into `out` with a NUL; longer than `cap - 1` is bad. */
void rd_str(struct rd *r, char *out, size_t cap);

#endif

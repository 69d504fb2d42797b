/* The gdb remote serial protocol's packets: framing, escapes, hexadecimal numbers. */
#ifndef DEBUG_PACKET_H
#define DEBUG_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define PACKET_MAX 0x8000 /* bytes of a packet that we take */

/* A connection. */
struct wire {
	int fd;
	bool no_ack;
	bool broken_in; /* an interrupt (byte 3) has come */
	bool gone;	/* the client has closed it, or it failed */
	uint8_t in[4096];
	size_t in_at, in_len;
};

enum wire_event {
	WIRE_GONE,	/* the client is gone */
	WIRE_INTERRUPT, /* it sent an interrupt, no packet */
	WIRE_LONG,	/* a packet longer than PACKET_MAX, which is not to be obeyed */
	WIRE_PACKET,
};
/* Wait for a packet: its content, a NUL behind it, goes to `out`, escapes undone. */
enum wire_event wire_get(struct wire *w, struct buf *out);
/* Send a packet; escapes what must be. */
void wire_put(struct wire *w, const struct buf *b);
/* Send text that the client prints: O packets, which it takes while it waits for a stop. */
void wire_print(struct wire *w, const void *text, size_t len);
/* Has an interrupt come, or has the client gone? Does not wait. */
bool wire_interrupted(struct wire *w);

/* Appending to a reply. */
void put_text(struct buf *b, const char *s);
/* The same with the characters escaped that have a meaning in XML. */
void xml_text(struct buf *b, const char *s);
void put_fmt(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void put_hex(struct buf *b, const void *bytes, size_t n);

/* Reading a packet, from *p on, which moves. A number in hexadecimal: false where there is none. */
bool get_num(const char **p, uint64_t *out);
/* pPID.TID, pPID or TID: 0 stands for any, -1 for all. False where there is none. */
bool get_thread(const char **p, int64_t *pid, int64_t *tid);
/* A byte `c`, or false. */
bool get_char(const char **p, char c);
/* Hexadecimal bytes up to the end or something else; how many, at most `cap`. */
size_t get_hex(const char **p, uint8_t *out, size_t cap);

#endif

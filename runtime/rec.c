/* Records of calls in the buffer. */
#include "hook.h"

#include <asm/errno.h>

#define PATH_MAX 4096

struct recording rec_begin(const struct hook_frame *f, const struct call_row *row)
{
	struct recording r;
	r.rec = (struct record *)(RUNTIME_BUF + STATE->used);
	r.rec->nr = (uint16_t)f->rax;
	r.rec->nargs = row->nargs;
	r.rec->flags = 0;
	uint64_t *args = (uint64_t *)(r.rec + 1);
	for (unsigned i = 0; i < row->nargs; i++)
		args[i] = arg(f, i);
	r.end = (uint8_t *)(args + row->nargs);
	return r;
}

void rec_piece(struct recording *r, uint32_t kind, uint64_t addr, uint64_t len)
{
	struct piece_head *h = (struct piece_head *)r->end;
	h->addr = addr;
	h->len = (uint32_t)len;
	h->kind = kind;
	uint8_t *data = r->end + sizeof(*h);
	uint64_t full = (len + 7) & ~7ull;
	if (full > len)
		*(uint64_t *)(data + full - 8) = 0;
	if (len <= 64) {
		uint64_t i = 0;
		for (; i + 8 <= len; i += 8)
			*(uint64_t *)(data + i) = *(const uint64_t *)(addr + i);
		for (; i < len; i++)
			data[i] = *(const uint8_t *)(addr + i);
	} else {
		copy(data, (const void *)addr, len);
	}
	r->end = data + full;
}

void rec_sample(struct recording *r, uint64_t addr, uint64_t len)
{
	if (len)
		rec_piece(r, PIECE_IN, addr, len < 32 ? len : 32);
}

/* The kernel has read it: it ends, or it is too long. */
void rec_path(struct recording *r, uint64_t addr)
{
	uint64_t n = 0;
	while (n < PATH_MAX && ((const char *)addr)[n])
		n++;
	rec_piece(r, PIECE_IN, addr, n < PATH_MAX ? n + 1 : n);
}

int rec_end(struct recording *r, struct hook_frame *f, int64_t result)
{
	r->rec->result = result;
	r->rec->size = (uint32_t)(r->end - (uint8_t *)r->rec);
	uint64_t used = STATE->used + r->rec->size;
	bool station = STATE->want_stop || r->rec->flags & REC_FILE || RUNTIME_BUF_SIZE - used < ROOM_MIN;
	if (station)
		r->rec->flags |= REC_STATION;
	__asm__ volatile("" : : : "memory"); /* complete before it counts */
	STATE->used = used;
	f->rax = (uint64_t)result;
	return station ? STATION : DONE;
}

static void row_piece(struct recording *r, const struct hook_frame *f, const struct call_row *row, unsigned i,
		      int64_t result, uint64_t before)
{
	uint64_t addr = arg(f, i), n = 0, other = arg(f, row->piece[i].arg);
	if (!addr)
		return;
	switch (row->piece[i].kind) {
	case PIECE_PATH:
		if (result != -EFAULT)
			rec_path(r, addr);
		return;
	case PIECE_FIXED:
		/* getsockopt says how much it would need (SO_PEERSEC, SO_PEERGROUPS; net/core/sock.c). */
		n = result >= 0 || result == -ERANGE ? row->size[i] : 0;
		break;
	case PIECE_RESULT:
		n = result > 0 ? ((uint64_t)result < other ? (uint64_t)result : other) * row->size[i] : 0;
		break;
	case PIECE_COUNT:
		n = result >= 0 ? other * row->size[i] : 0;
		break;
	case PIECE_LENPTR:
		n = result >= 0 && other ? *(const uint32_t *)other : 0;
		n = n < before ? n : before;
		break;
	}
	if (n)
		rec_piece(r, PIECE_OUT, addr, n);
}

int rec_row(struct hook_frame *f, const struct call_row *row, int64_t result, uint64_t before)
{
	struct recording r = rec_begin(f, row);
	for (unsigned i = 0; i < row->nargs; i++) {
		if (row->piece[i].kind)
			row_piece(&r, f, row, i, result, before);
	}
	return rec_end(&r, f, result);
}

/* Does all that the call may write fit into a record? *before: a length that it reads. */
static bool fits(const struct hook_frame *f, const struct call_row *row, uint64_t *before)
{
	for (unsigned i = 0; i < row->nargs; i++) {
		uint64_t other = arg(f, row->piece[i].arg);
		switch (row->piece[i].kind) {
		case PIECE_RESULT:
		case PIECE_COUNT:
			if (other > DATA_MAX / row->size[i])
				return false;
			break;
		case PIECE_LENPTR:
			*before = other ? *(const uint32_t *)other : 0;
			if (*before > DATA_MAX)
				return false;
			break;
		}
	}
	return true;
}

int do_plain(struct hook_frame *f, const struct call_row *row)
{
	uint64_t before = 0;
	if (!fits(f, row, &before))
		return BAIL;
	return rec_row(f, row, raw_frame(f), before);
}

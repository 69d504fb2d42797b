#include "rewrite/detour.h"

#include <string.h>

#include "rewrite/decode.h"
#include "rewrite/emit.h"

#define FLOW_MAX 4000 /* instructions looked at */
#define WAYS_MAX 256
#define STILL_MAX 16 /* instructions of a loop that does nothing */

static const uint8_t *bytes_at(const struct live_code *c, uint64_t at, size_t *left)
{
	if (at < c->base || at - c->base >= c->len)
		return NULL;
	*left = c->len - (at - c->base);
	return c->bytes + (at - c->base);
}

static int decode_at(const ZydisDecoder *d, const struct live_code *c, uint64_t at, struct insn *in)
{
	size_t left;
	const uint8_t *p = bytes_at(c, at, &left);
	return p ? decode_bytes(d, p, left, at, in) : -1;
}

/* rep movs and its kin stop between two of their steps, at the same address. */
static bool repeats(const struct live_code *c, uint64_t at)
{
	size_t left;
	const uint8_t *p = bytes_at(c, at, &left);
	for (; p && left; p++, left--) {
		if (*p == 0xf2 || *p == 0xf3)
			return true;
		if (*p != 0x66 && *p != 0x67 && (*p & 0xf0) != 0x40)
			break;
	}
	return false;
}

static int choose(const ZydisDecoder *z, const struct live_code *c, struct detour *d)
{
	struct insn in;
	bool ended = false;
	while (d->len < DETOUR_JUMP) {
		if (ended || d->n == DETOUR_INSNS || decode_at(z, c, d->at + d->len, &in))
			return -1;
		if (!(in.flags & IN_MOVES) || in.flags & IN_CALL)
			return -1;
		ended = in.flags & IN_ENDS;
		d->app[d->n++] = in.addr;
		d->len += in.len;
	}
	return 0;
}

struct flow {
	uint64_t ways[WAYS_MAX]; /* still to be followed */
	unsigned n, seen;
	uint8_t visited[2 * DETOUR_LOOK / 8 + 1];
};

static bool visit(struct flow *f, const struct live_code *c, uint64_t at)
{
	uint64_t i = at - c->base;
	if (i >= 2 * DETOUR_LOOK || f->visited[i / 8] >> (i % 8) & 1)
		return false;
	f->visited[i / 8] |= (uint8_t)(1 << (i % 8));
	return true;
}

/* Straight on from `at`. -1: a branch leads into the displaced instructions. */
static int follow(const ZydisDecoder *z, const struct live_code *c, const struct detour *d, struct flow *f,
		  uint64_t at)
{
	struct insn in;
	while (f->seen++ < FLOW_MAX && visit(f, c, at) && !decode_at(z, c, at, &in)) {
		if (in.flags & IN_BRANCH) {
			if (in.to > d->at && in.to < d->at + d->len)
				return -1;
			if (f->n < WAYS_MAX)
				f->ways[f->n++] = in.to;
		}
		if (in.flags & IN_ENDS)
			break;
		at += in.len;
	}
	return 0;
}

int detour_look(pid_t tid, const struct space *sp, uint64_t at, uint8_t bytes[2 * DETOUR_LOOK],
		struct live_code *c)
{
	const struct mapping *m = space_find(sp, at);
	if (!m)
		return -1;
	uint64_t start = at - m->recorded.start < DETOUR_LOOK ? m->recorded.start : at - DETOUR_LOOK;
	uint64_t end = m->recorded.end - at < DETOUR_LOOK ? m->recorded.end : at + DETOUR_LOOK;
	*c = (struct live_code){bytes, mem_read(tid, start, bytes, end - start), start};
	return 0;
}

int detour_plan(const struct live_code *c, uint64_t at, struct detour *d)
{
	ZydisDecoder z;
	struct flow f = {0};
	memset(d, 0, sizeof(*d));
	d->at = at;
	decode_init(&z);
	if (repeats(c, at) || choose(&z, c, d))
		return -1;
	if (d->n == 1)
		return 0;
	f.ways[f.n++] = at;
	while (f.n) {
		if (follow(&z, c, d, &f, f.ways[--f.n]))
			return -1;
	}
	return 0;
}

bool detour_still(const struct live_code *c, uint64_t at)
{
	ZydisDecoder d;
	struct insn in;
	uint64_t ip = at;
	decode_init(&d);
	for (unsigned n = 0; n < STILL_MAX && !decode_at(&d, c, ip, &in); n++) {
		if (in.flags & IN_BRANCH && !(in.flags & IN_COND))
			ip = in.to;
		else if (in.mnemonic == ZYDIS_MNEMONIC_NOP || in.mnemonic == ZYDIS_MNEMONIC_PAUSE)
			ip += in.len;
		else
			break;
		if (ip == at)
			return true;
	}
	return false;
}

int detour_emit(const struct live_code *c, struct detour *d, uint64_t to, uint8_t *out, size_t cap)
{
	struct stub s = {.at = to};
	for (unsigned i = 0; i < d->n; i++) {
		size_t left;
		const uint8_t *p = bytes_at(c, d->app[i], &left);
		d->off[i] = s.len;
		if (!p)
			return -1;
		stub_move(&s, p, left, d->app[i]);
	}
	stub_jump(&s, d->at + d->len);
	if (s.bad || s.len > cap)
		return -1;
	memcpy(out, s.code, s.len);
	return (int)s.len;
}

#include "rewrite/suspects.h"

#include <string.h>

#include "rewrite/decode.h"

#define SWEEP_FIRST 32 /* bytes before a suspect, where decoding starts */

static int decode_at(const ZydisDecoder *d, const struct live_code *c, uint64_t addr, struct insn *in)
{
	uint64_t off = addr - c->base;
	return addr < c->base || off >= c->len ? -1 : decode_bytes(d, c->bytes + off, c->len - off, addr, in);
}

static int kind_of(const uint8_t *p, size_t left, bool tsc)
{
	if (left >= 2 && p[1] == 0xa2)
		return SITE_CPUID;
	if (tsc && left >= 2 && p[1] == 0x31)
		return SITE_RDTSC;
	return tsc && left >= 3 && p[1] == 0x01 && p[2] == 0xf9 ? SITE_RDTSCP : -1;
}

void suspects_find(const struct live_code *c, uint64_t lo, uint64_t hi, bool tsc, suspect_list *out)
{
	const uint8_t *end = c->bytes + c->len, *p = c->bytes + (lo > c->base ? lo - c->base : 0);
	while (p < end && (p = memchr(p, 0x0f, (size_t)(end - p)))) {
		uint64_t addr = c->base + (uint64_t)(p - c->bytes);
		int kind = kind_of(p, (size_t)(end - p), tsc);
		if (addr >= hi)
			break;
		if (kind >= 0)
			*VEC_PUSH(out) = (struct suspect){
				.addr = addr, .kind = (uint8_t)kind, .len = kind == SITE_RDTSCP ? 3 : 2};
		p++;
	}
}

static bool is_one(const struct insn *in)
{
	return in->mnemonic == ZYDIS_MNEMONIC_CPUID || in->mnemonic == ZYDIS_MNEMONIC_RDTSC ||
	       in->mnemonic == ZYDIS_MNEMONIC_RDTSCP;
}

/* An instruction that control comes to, surely or behind calls: what of it is suspect? */
static void tell(const struct insn *in, bool surely, suspect_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct suspect *s = &l->at[i];
		if (s->addr - in->addr >= in->len || s->is > SUSPECT_LIKELY || (!surely && !is_one(in)))
			continue;
		s->reached = true;
		if (surely)
			s->is = is_one(in) ? SUSPECT_INSN : SUSPECT_PART;
		if (is_one(in))
			s->addr = in->addr;
		if (is_one(in))
			s->len = in->len;
	}
}

static bool is_call(const struct insn *in)
{
	return in->flags & IN_CALL || in->mnemonic == ZYDIS_MNEMONIC_CALL;
}

static bool ends(const struct insn *in)
{
	return in->flags & (IN_ENDS | IN_INDIRECT) || in->mnemonic == ZYDIS_MNEMONIC_INT3;
}

struct walk {
	const struct live_code *c;
	ZydisDecoder d;
	uint64_t ip, lo, hi;
	uint8_t *seen;
	bool begun; /* at `ip`, which may be before `lo` */
	VEC(uint64_t) todo, behind_calls;
	suspect_list *l;
};

static void walk_on(struct walk *w, uint64_t at, bool surely)
{
	struct insn in;
	bool inside = at - w->lo < w->hi - w->lo;
	if (inside ? w->seen[at - w->lo] : at != w->ip || w->begun)
		return;
	w->begun = true;
	if (inside)
		w->seen[at - w->lo] = 1;
	if (decode_at(&w->d, w->c, at, &in))
		return;
	tell(&in, surely, w->l);
	if (in.flags & IN_BRANCH)
		*VEC_PUSH(&w->todo) = in.to;
	if (is_call(&in) && surely)
		*VEC_PUSH(&w->behind_calls) = at + in.len;
	else if (!ends(&in))
		*VEC_PUSH(&w->todo) = at + in.len;
}

void suspects_follow(const struct live_code *c, uint64_t ip, uint64_t lo, uint64_t hi, suspect_list *l)
{
	struct walk w = {.c = c, .ip = ip, .lo = lo, .hi = hi, .l = l};
	w.seen = xcalloc(hi - lo, 1);
	decode_init(&w.d);
	*VEC_PUSH(&w.todo) = ip;
	while (w.todo.n)
		walk_on(&w, w.todo.at[--w.todo.n], true);
	while (w.todo.n || w.behind_calls.n)
		walk_on(&w, w.todo.n ? w.todo.at[--w.todo.n] : w.behind_calls.at[--w.behind_calls.n], false);
	free(w.seen);
	VEC_FREE(&w.todo);
	VEC_FREE(&w.behind_calls);
}

/* Where the instruction begins that holds `addr`, decoded from `from` on; 0: there is no code. */
static uint64_t start_of(const ZydisDecoder *d, const struct live_code *c, uint64_t from, uint64_t addr,
			 struct insn *in)
{
	for (;;) {
		if (decode_at(d, c, from, in))
			return 0;
		if (from + in->len > addr)
			return from;
		from += in->len;
	}
}

/* Of the places where decoding may start before `addr`, enough must lead to code there. */
static bool enough(unsigned starts)
{
	return starts >= (SUSPECT_BEFORE - SWEEP_FIRST) / 4;
}

static enum suspect_is sweep(const ZydisDecoder *d, const struct live_code *c, const struct suspect *s)
{
	unsigned parts = 0, ones = 0;
	for (uint64_t back = SWEEP_FIRST; back < SUSPECT_BEFORE; back++) {
		struct insn in;
		if (!start_of(d, c, s->addr - back, s->addr, &in))
			continue;
		ones += is_one(&in);
		parts += !is_one(&in);
	}
	if (!enough(parts + ones) || (parts && ones))
		return SUSPECT_UNKNOWN;
	return ones ? SUSPECT_LIKELY : SUSPECT_PART;
}

bool suspects_is_start(const struct live_code *c, uint64_t addr)
{
	ZydisDecoder d;
	unsigned starts = 0;
	decode_init(&d);
	for (uint64_t back = SWEEP_FIRST; back < SUSPECT_BEFORE; back++) {
		struct insn in;
		uint64_t at = start_of(&d, c, addr - back, addr, &in);
		if (at && at != addr)
			return false;
		starts += at == addr;
	}
	return enough(starts);
}

void suspects_sweep(const struct live_code *c, suspect_list *l)
{
	ZydisDecoder d;
	decode_init(&d);
	for (size_t i = 0; i < l->n; i++) {
		struct suspect *s = &l->at[i];
		if (s->is == SUSPECT_UNKNOWN)
			s->is = sweep(&d, c, s);
	}
}

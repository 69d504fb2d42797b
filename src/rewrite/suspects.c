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

/* An instruction of the program: what of it is suspect? */
static void tell(const struct insn *in, suspect_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct suspect *s = &l->at[i];
		if (s->addr - in->addr >= in->len || s->is != SUSPECT_UNKNOWN)
			continue;
		s->is = is_one(in) ? SUSPECT_INSN : SUSPECT_PART;
		if (s->is == SUSPECT_INSN)
			s->addr = in->addr;
		if (s->is == SUSPECT_INSN)
			s->len = in->len;
	}
}

/* Does control surely go on behind it? */
static bool goes_on(const struct insn *in)
{
	return !(in->flags & (IN_ENDS | IN_CALL | IN_INDIRECT)) && in->mnemonic != ZYDIS_MNEMONIC_CALL &&
	       in->mnemonic != ZYDIS_MNEMONIC_INT3;
}

void suspects_follow(const struct live_code *c, uint64_t ip, uint64_t lo, uint64_t hi, suspect_list *l)
{
	ZydisDecoder d;
	VEC(uint64_t) todo = {0};
	uint8_t *seen = xcalloc(hi - lo, 1);
	bool begun = false; /* ip may be before `lo` */
	decode_init(&d);
	*VEC_PUSH(&todo) = ip;
	while (todo.n) {
		struct insn in;
		uint64_t at = todo.at[--todo.n];
		bool inside = at - lo < hi - lo;
		if (inside ? seen[at - lo] : at != ip || begun)
			continue;
		begun = true;
		if (decode_at(&d, c, at, &in))
			continue;
		if (inside)
			seen[at - lo] = 1;
		tell(&in, l);
		if (in.flags & IN_BRANCH)
			*VEC_PUSH(&todo) = in.to;
		if (goes_on(&in))
			*VEC_PUSH(&todo) = at + in.len;
	}
	free(seen);
	VEC_FREE(&todo);
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

static bool sure_part(const ZydisDecoder *d, const struct live_code *c, const struct suspect *s)
{
	unsigned agree = 0;
	for (uint64_t back = SWEEP_FIRST; back < SUSPECT_BEFORE; back++) {
		struct insn in;
		if (!start_of(d, c, s->addr - back, s->addr, &in))
			continue;
		if (is_one(&in))
			return false;
		agree++;
	}
	return agree >= (SUSPECT_BEFORE - SWEEP_FIRST) / 4;
}

void suspects_sweep(const struct live_code *c, suspect_list *l)
{
	ZydisDecoder d;
	decode_init(&d);
	for (size_t i = 0; i < l->n; i++) {
		if (l->at[i].is == SUSPECT_UNKNOWN && sure_part(&d, c, &l->at[i]))
			l->at[i].is = SUSPECT_PART;
	}
}

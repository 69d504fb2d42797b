#include "rewrite/sites.h"

#include <string.h>

#include "rewrite/called.h"

struct search {
	const struct elf_text *t;
	const struct func *func; /* whose instructions `insns` holds */
	insn_list insns;
	bool tiles;
	bool suspects; /* find only them */
};

/* Can lea make it? */
static bool plain_address(const ZydisDecodedInstruction *in, const ZydisDecodedOperand *op)
{
	return in->address_width == 64 && op->mem.segment != ZYDIS_REGISTER_FS &&
	       op->mem.segment != ZYDIS_REGISTER_GS;
}

static bool is_site(const struct elf_text *t, uint64_t addr, struct site *s)
{
	ZydisDecoder d;
	ZydisDecodedInstruction in;
	ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
	decode_init(&d);
	if (decode_one(&d, t, addr, &in, ops))
		return false;
	switch (in.mnemonic) {
	case ZYDIS_MNEMONIC_CPUID:
		s->kind = SITE_CPUID;
		break;
	case ZYDIS_MNEMONIC_RDTSC:
		s->kind = SITE_RDTSC;
		break;
	case ZYDIS_MNEMONIC_RDTSCP:
		s->kind = SITE_RDTSCP;
		break;
	case ZYDIS_MNEMONIC_SYSCALL:
		s->kind = SITE_SYSCALL;
		break;
	case ZYDIS_MNEMONIC_RDRAND:
	case ZYDIS_MNEMONIC_RDSEED:
		s->kind = in.mnemonic == ZYDIS_MNEMONIC_RDRAND ? SITE_RDRAND : SITE_RDSEED;
		s->reg = (uint8_t)ZydisRegisterGetId(ops[0].reg.value);
		s->size = (uint8_t)(ops[0].size / 8);
		break;
	case ZYDIS_MNEMONIC_XSAVE:
	case ZYDIS_MNEMONIC_XSAVE64:
	case ZYDIS_MNEMONIC_XSAVEOPT:
	case ZYDIS_MNEMONIC_XSAVEOPT64:
		s->kind = SITE_XSAVE;
		break;
	case ZYDIS_MNEMONIC_XSAVEC:
	case ZYDIS_MNEMONIC_XSAVEC64:
		s->kind = SITE_XSAVEC;
		break;
	case ZYDIS_MNEMONIC_FXSAVE:
	case ZYDIS_MNEMONIC_FXSAVE64:
		s->kind = SITE_FXSAVE;
		break;
	case ZYDIS_MNEMONIC_FNSTENV:
	case ZYDIS_MNEMONIC_FNSAVE:
		s->kind = SITE_FNSTENV;
		break;
	default:
		return false;
	}
	if (s->kind >= SITE_XSAVE && !plain_address(&in, &ops[0]))
		return false;
	s->len = in.length;
	const struct segment *seg = elf_segment(t, addr);
	s->offset = addr - seg->vaddr + seg->offset;
	return true;
}

const struct x87_field *x87_fields(const ZydisDecodedInstruction *in, const ZydisDecodedOperand *op)
{
	static const struct x87_field fxsave[] = {{6, 2}, {8, 8}, {16, 8}, {0, 0}},
				      env[] = {{12, 8}, {20, 4}, {24, 2}, {0, 0}}, env16[] = {{6, 8}, {0, 0}};
	if (in->mnemonic == ZYDIS_MNEMONIC_FXSAVE || in->mnemonic == ZYDIS_MNEMONIC_FXSAVE64)
		return fxsave;
	/* 28 bytes and the registers' 80, or 14 with an operand-size prefix */
	return op->size % 640 == 14 * 8 ? env16 : env;
}

bool site_classify(const struct elf_text *t, const struct insn *in, struct site *s)
{
	switch (in->mnemonic) {
	case ZYDIS_MNEMONIC_CPUID:
	case ZYDIS_MNEMONIC_RDTSC:
	case ZYDIS_MNEMONIC_RDTSCP:
	case ZYDIS_MNEMONIC_SYSCALL:
	case ZYDIS_MNEMONIC_RDRAND:
	case ZYDIS_MNEMONIC_RDSEED:
	case ZYDIS_MNEMONIC_XSAVE:
	case ZYDIS_MNEMONIC_XSAVE64:
	case ZYDIS_MNEMONIC_XSAVEOPT:
	case ZYDIS_MNEMONIC_XSAVEOPT64:
	case ZYDIS_MNEMONIC_XSAVEC:
	case ZYDIS_MNEMONIC_XSAVEC64:
	case ZYDIS_MNEMONIC_FXSAVE:
	case ZYDIS_MNEMONIC_FXSAVE64:
	case ZYDIS_MNEMONIC_FNSTENV:
	case ZYDIS_MNEMONIC_FNSAVE:
		return is_site(t, in->addr, s);
	default:
		return false;
	}
}

/* The instruction that contains `addr` (which may be its opcode, after prefixes). */
static size_t around(struct search *s, uint64_t addr)
{
	const struct func *f = elf_func(s->t, addr);
	if (!f)
		return SIZE_MAX;
	if (f != s->func) {
		s->func = f;
		s->tiles = !decode_function(s->t, NULL, f, &s->insns);
	}
	if (!s->tiles)
		return SIZE_MAX;
	for (uint64_t back = 0; back < 4; back++) {
		size_t i = decode_find(&s->insns, addr - back);
		if (i != SIZE_MAX)
			return s->insns.at[i].len > back ? i : SIZE_MAX;
	}
	return SIZE_MAX;
}

/* 0f a2: cpuid; 0f 31: rdtsc; 0f 01 f9: rdtscp; 0f c7 with a register and /6 or /7: rdrand, rdseed */
static bool looks_like_one(const uint8_t *p)
{
	return p[1] == 0xa2 || p[1] == 0x31 || (p[1] == 0x01 && p[2] == 0xf9) ||
	       (p[1] == 0xc7 && p[2] >= 0xf0);
}

/* Bytes at `addr` that look like one: what are they? */
static void look_at(struct search *s, uint64_t addr, suspect_list *unknown, site_list *out)
{
	struct site site = {0};
	size_t i = around(s, addr), left;
	const uint8_t *p = elf_bytes(s->t, addr, &left);
	if (i == SIZE_MAX && p[1] != 0xc7)
		*VEC_PUSH(unknown) = (struct suspect){.addr = addr, .len = SUSPECT_LEAST};
	if (i != SIZE_MAX && !s->suspects && is_site(s->t, s->insns.at[i].addr, &site) &&
	    site.kind <= SITE_RDTSCP)
		*VEC_PUSH(out) = site;
}

/* Those that are no part of other instructions for sure: instructions, or still suspects. */
static void add_suspects(const struct search *s, const struct segment *seg, suspect_list *l, site_list *out)
{
	struct live_code c = {s->t->data + seg->offset, seg->len, seg->vaddr};
	suspects_sweep(&c, l);
	suspects_called(&c, l);
	for (size_t i = 0; i < l->n; i++) {
		const struct suspect *su = &l->at[i];
		struct site site = {
			.kind = SITE_SUSPECT, .len = su->len, .offset = su->addr - seg->vaddr + seg->offset};
		if (su->is == SUSPECT_PART || (su->is == SUSPECT_INSN && !is_site(s->t, su->addr, &site)))
			continue;
		*VEC_PUSH(out) = site;
	}
}

static void search_segment(struct search *s, const struct segment *seg, site_list *out)
{
	const uint8_t *start = s->t->data + seg->offset, *end = start + seg->len;
	suspect_list unknown = {0};
	for (const uint8_t *p = start; end - p >= 2; p++) {
		p = memchr(p, 0x0f, (size_t)(end - p - 1));
		if (!p)
			break;
		if ((p[1] == 0xc7 || p[1] == 0x01) && end - p < 3)
			break;
		if (looks_like_one(p))
			look_at(s, seg->vaddr + (uint64_t)(p - start), &unknown, out);
	}
	add_suspects(s, seg, &unknown, out);
	VEC_FREE(&unknown);
}

static void search(struct search *s, site_list *out)
{
	for (size_t i = 0; i < s->t->segs.n; i++)
		search_segment(s, &s->t->segs.at[i], out);
	VEC_FREE(&s->insns);
}

void sites_suspects(const struct elf_text *t, site_list *out)
{
	search(&(struct search){.t = t, .suspects = true}, out);
}

void sites_find(int fd, site_list *out)
{
	struct elf_text t;
	elf_text_open(&t, fd); /* fails for files that describe no function, but their text is known */
	search(&(struct search){.t = &t}, out);
	elf_text_close(&t);
}

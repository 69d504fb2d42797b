#include "rewrite/sites.h"

#include <string.h>

struct search {
	const struct elf_text *t;
	const struct func *func; /* whose instructions `insns` holds */
	insn_list insns;
	bool tiles;
	bool sparse;	  /* the file describes fewer than half of its functions */
	bool undescribed; /* search only text of no function */
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
		return is_site(t, in->addr, s);
	default:
		return false;
	}
}

/* The instruction of a function that contains `addr` (which may be its opcode, after prefixes). */
static size_t around(struct search *s, uint64_t addr)
{
	const struct func *f = elf_func(s->t, addr);
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

/* --- text whose functions nobody describes (chromium has 230 MB of it) --- */

#define SWEEP_FIRST 32 /* bytes before a place, where decoding starts */
#define SWEEP_LAST 96
#define SWEEP_AFTER 8 /* instructions after it that must be a program's too */

static bool describes_few(const struct elf_text *t)
{
	uint64_t text = 0, known = 0;
	for (size_t i = 0; i < t->segs.n; i++)
		text += t->segs.at[i].len;
	for (size_t i = 0; i < t->funcs.n; i++)
		known += t->funcs.at[i].end - t->funcs.at[i].start;
	return known < text / 2;
}

/* Decode one instruction at *addr, and go on behind it. -1: no program has it there. */
static int next_insn(const ZydisDecoder *d, const struct elf_text *t, uint64_t *addr)
{
	ZydisDecodedInstruction in;
	size_t left;
	const uint8_t *p = elf_bytes(t, *addr, &left);
	if (!p || !ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(d, NULL, p, left, &in)) ||
	    in.attributes & ZYDIS_ATTRIB_IS_PRIVILEGED || in.meta.category == ZYDIS_CATEGORY_IO ||
	    in.meta.category == ZYDIS_CATEGORY_IOSTRINGOP || in.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR)
		return -1;
	*addr += in.length;
	return 0;
}

/* Where the instruction begins that contains `addr`, decoded from `from` on; 0: there is no code. */
static uint64_t sweep(const ZydisDecoder *d, const struct elf_text *t, uint64_t from, uint64_t addr)
{
	uint64_t start = from;
	while (from <= addr) {
		start = from;
		if (next_insn(d, t, &from))
			return 0;
	}
	return start;
}

/* The instruction that contains `addr`, in text of which no function is known. Wherever decoding
 * starts, it soon falls into step with the program's instructions: all starts that meet nothing
 * but code must agree. Data in text would not look like code all the way. 0: not sure. */
static uint64_t in_step(const struct elf_text *t, uint64_t addr)
{
	ZydisDecoder d;
	uint64_t found = 0;
	unsigned agree = 0;
	decode_init(&d);
	for (uint64_t back = SWEEP_FIRST; back < SWEEP_LAST; back++) {
		uint64_t start = sweep(&d, t, addr - back, addr);
		if (start && found && start != found)
			return 0;
		agree += start != 0;
		found = start ? start : found;
	}
	uint64_t at = found;
	for (unsigned i = 0; i < SWEEP_AFTER; i++) {
		if (next_insn(&d, t, &at))
			return 0;
	}
	return agree >= (SWEEP_LAST - SWEEP_FIRST) / 4 ? found : 0;
}

/* --- the search --- */

/* The instruction that contains `addr`: where it begins, or 0 when that is not known. */
static uint64_t insn_around(struct search *s, uint64_t addr)
{
	if (!elf_func(s->t, addr))
		return s->sparse ? in_step(s->t, addr) : 0;
	size_t i = s->undescribed ? SIZE_MAX : around(s, addr);
	return i != SIZE_MAX ? s->insns.at[i].addr : 0;
}

/* 0f a2: cpuid; 0f 31: rdtsc; 0f 01 f9: rdtscp; 0f c7 with a register and /6 or /7: rdrand, rdseed */
static bool looks_like_one(const uint8_t *p)
{
	return p[1] == 0xa2 || p[1] == 0x31 || (p[1] == 0x01 && p[2] == 0xf9) ||
	       (p[1] == 0xc7 && p[2] >= 0xf0);
}

static void search_segment(struct search *s, const struct segment *seg, site_list *out)
{
	const uint8_t *start = s->t->data + seg->offset, *end = start + seg->len;
	for (const uint8_t *p = start; end - p >= 2; p++) {
		p = memchr(p, 0x0f, (size_t)(end - p - 1));
		if (!p)
			break;
		if ((p[1] == 0xc7 || p[1] == 0x01) && end - p < 3)
			break;
		if (!looks_like_one(p))
			continue;
		struct site site = {0};
		uint64_t addr = insn_around(s, seg->vaddr + (uint64_t)(p - start));
		if (addr && is_site(s->t, addr, &site) && site.kind <= SITE_RDTSCP)
			*VEC_PUSH(out) = site;
	}
}

static void search_text(struct search *s, site_list *out)
{
	s->sparse = describes_few(s->t);
	if (s->undescribed && !s->sparse)
		return;
	for (size_t i = 0; i < s->t->segs.n; i++)
		search_segment(s, &s->t->segs.at[i], out);
	VEC_FREE(&s->insns);
}

void sites_find(int fd, site_list *out)
{
	struct elf_text t;
	struct search s = {.t = &t};
	elf_text_open(&t, fd); /* fails for files that describe no function, but their text is known */
	search_text(&s, out);
	elf_text_close(&t);
}

void sites_undescribed(const struct elf_text *t, site_list *out)
{
	struct search s = {.t = t, .undescribed = true};
	search_text(&s, out);
}

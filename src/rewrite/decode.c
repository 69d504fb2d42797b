#include "rewrite/decode.h"

void decode_init(ZydisDecoder *d)
{
	ZydisDecoderInit(d, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
}

int decode_one(const ZydisDecoder *d, const struct elf_text *t, uint64_t addr, ZydisDecodedInstruction *in,
	       ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT])
{
	size_t left;
	const uint8_t *p = elf_bytes(t, addr, &left);
	return p && ZYAN_SUCCESS(ZydisDecoderDecodeFull(d, p, left, in, ops)) ? 0 : -1;
}

/* The target of a jump or call whose distance is an immediate. */
static bool direct(const ZydisDecodedInstruction *in, const ZydisDecodedOperand *ops, uint64_t addr,
		   uint64_t *to)
{
	return in->raw.imm[0].is_relative && ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(in, &ops[0], addr, to));
}

/* Things that must stay where they are: calls push their own address, traps report it,
 * and the loop family reaches 127 bytes only. */
static bool moves(const ZydisDecodedInstruction *in)
{
	switch (in->meta.category) {
	case ZYDIS_CATEGORY_CALL:
	case ZYDIS_CATEGORY_SYSCALL:
	case ZYDIS_CATEGORY_SYSTEM:
	case ZYDIS_CATEGORY_INTERRUPT:
	case ZYDIS_CATEGORY_RDRAND:
	case ZYDIS_CATEGORY_RDSEED:
	case ZYDIS_CATEGORY_IO:
		return false;
	default:
		break;
	}
	switch (in->mnemonic) {
	case ZYDIS_MNEMONIC_LOOP:
	case ZYDIS_MNEMONIC_LOOPE:
	case ZYDIS_MNEMONIC_LOOPNE:
	case ZYDIS_MNEMONIC_JCXZ:
	case ZYDIS_MNEMONIC_JECXZ:
	case ZYDIS_MNEMONIC_JRCXZ:
	case ZYDIS_MNEMONIC_XBEGIN:
	case ZYDIS_MNEMONIC_CPUID:
	case ZYDIS_MNEMONIC_RDTSC:
	case ZYDIS_MNEMONIC_RDTSCP:
	case ZYDIS_MNEMONIC_HLT:
	case ZYDIS_MNEMONIC_UD0:
	case ZYDIS_MNEMONIC_UD1:
	case ZYDIS_MNEMONIC_UD2:
	case ZYDIS_MNEMONIC_ENDBR64:
		return false;
	default:
		return true;
	}
}

static bool ends(const ZydisDecodedInstruction *in)
{
	return in->meta.category == ZYDIS_CATEGORY_UNCOND_BR || in->meta.category == ZYDIS_CATEGORY_RET ||
	       in->mnemonic == ZYDIS_MNEMONIC_HLT || in->mnemonic == ZYDIS_MNEMONIC_UD2;
}

static void describe(struct insn *i, const ZydisDecodedInstruction *in, const ZydisDecodedOperand *ops)
{
	i->len = in->length;
	i->mnemonic = (uint16_t)in->mnemonic;
	i->flags = (moves(in) ? IN_MOVES : 0) | (ends(in) ? IN_ENDS : 0) |
		   (in->mnemonic == ZYDIS_MNEMONIC_ENDBR64 ? IN_TARGET : 0);
	if (direct(in, ops, i->addr, &i->to) && in->meta.category != ZYDIS_CATEGORY_CALL)
		i->flags |= IN_BRANCH;
}

size_t decode_find(const insn_list *l, uint64_t addr)
{
	size_t lo = 0, hi = l->n;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (l->at[mid].addr < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < l->n && l->at[lo].addr == addr ? lo : SIZE_MAX;
}

/* A branch into the middle of an instruction: the bytes are not what they seem (or a
 * jump skips a lock prefix, as old glibc did). */
static int mark_targets(insn_list *l, const struct func *f)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct insn *in = &l->at[i];
		if (!(in->flags & IN_BRANCH) || in->to < f->start || in->to >= f->end)
			continue;
		size_t at = decode_find(l, in->to);
		if (at == SIZE_MAX)
			return -1;
		l->at[at].flags |= IN_TARGET;
	}
	return 0;
}

int decode_function(const struct elf_text *t, const struct func *f, insn_list *out)
{
	ZydisDecoder d;
	decode_init(&d);
	out->n = 0;
	for (uint64_t addr = f->start; addr < f->end;) {
		ZydisDecodedInstruction in;
		ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
		if (decode_one(&d, t, addr, &in, ops) || in.length > f->end - addr)
			return -1;
		struct insn *i = VEC_PUSH(out);
		i->addr = addr;
		describe(i, &in, ops);
		addr += in.length;
	}
	if (out->n)
		out->at[0].flags |= IN_TARGET;
	return mark_targets(out, f);
}

unsigned decode_padding(const struct elf_text *t, uint64_t addr, unsigned want)
{
	ZydisDecoder d;
	unsigned n = 0;
	decode_init(&d);
	while (n < want) {
		ZydisDecodedInstruction in;
		ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
		if (decode_one(&d, t, addr + n, &in, ops) ||
		    (in.mnemonic != ZYDIS_MNEMONIC_NOP && in.mnemonic != ZYDIS_MNEMONIC_INT3))
			break;
		unsigned i = 0;
		while (i < in.length && !elf_func(t, addr + n + i))
			i++;
		if (i < in.length)
			break;
		n += in.length;
	}
	return n;
}

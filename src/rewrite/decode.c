#include "rewrite/decode.h"

#include <string.h>

#include "rewrite/survey.h"

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

static uint8_t six(ZydisAccessedFlagsMask m)
{
	return (uint8_t)((m & ZYDIS_CPUFLAG_PF ? 1 : 0) | (m & ZYDIS_CPUFLAG_AF ? 2 : 0) |
			 (m & ZYDIS_CPUFLAG_ZF ? 4 : 0) | (m & ZYDIS_CPUFLAG_SF ? 8 : 0) |
			 (m & ZYDIS_CPUFLAG_OF ? 16 : 0) | (m & ZYDIS_CPUFLAG_CF ? 32 : 0));
}

/* Shifts by nothing, and repeated comparisons of nothing, leave the flags as they were. */
static bool may_write_nothing(const ZydisDecodedInstruction *in)
{
	if (in->attributes & (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE))
		return true;
	switch (in->mnemonic) {
	case ZYDIS_MNEMONIC_SHL:
	case ZYDIS_MNEMONIC_SHR:
	case ZYDIS_MNEMONIC_SAR:
	case ZYDIS_MNEMONIC_ROL:
	case ZYDIS_MNEMONIC_ROR:
	case ZYDIS_MNEMONIC_RCL:
	case ZYDIS_MNEMONIC_RCR:
	case ZYDIS_MNEMONIC_SHLD:
	case ZYDIS_MNEMONIC_SHRD:
		break;
	default:
		return false;
	}
	if (in->opcode == 0xd0 || in->opcode == 0xd1)
		return false; /* by one */
	return !in->raw.imm[0].size || !(in->raw.imm[0].value.u & 31);
}

/* Flags that an instruction leaves undefined are lost in fact after these, but still the old
 * ones after others, like bt and imul. */
static bool undefined_is_lost(ZydisMnemonic m)
{
	return m == ZYDIS_MNEMONIC_AND || m == ZYDIS_MNEMONIC_OR || m == ZYDIS_MNEMONIC_XOR ||
	       m == ZYDIS_MNEMONIC_TEST;
}

static void flags_of(struct insn *i, const ZydisDecodedInstruction *in)
{
	const ZydisAccessedFlags *f = in->cpu_flags;
	i->reads = i->writes = 0;
	/* The kernel and pushf show all of them. */
	if (in->meta.category == ZYDIS_CATEGORY_SYSCALL || in->meta.category == ZYDIS_CATEGORY_SYSTEM ||
	    in->meta.category == ZYDIS_CATEGORY_INTERRUPT) {
		i->reads = FLAGS_ALL;
		return;
	}
	if (!f)
		return;
	i->reads = six(f->tested);
	if (!may_write_nothing(in))
		i->writes = six(f->modified | f->set_0 | f->set_1 |
				(undefined_is_lost(in->mnemonic) ? f->undefined : 0));
}

static uint16_t branch_flags(const ZydisDecodedInstruction *in)
{
	bool relative = in->raw.imm[0].size && in->raw.imm[0].is_relative;
	uint16_t wide = in->raw.imm[0].size == 32 ? IN_REL32 : 0;
	switch (in->meta.category) {
	case ZYDIS_CATEGORY_CALL:
		return relative ? IN_CALL | wide : 0;
	case ZYDIS_CATEGORY_COND_BR:
		return relative ? IN_BRANCH | IN_COND | wide : IN_COND;
	case ZYDIS_CATEGORY_UNCOND_BR:
		if (relative)
			return IN_BRANCH | wide;
		/* jmp *x(%rip): a slot of the linker's, as in each entry of a PLT */
		return in->raw.modrm.mod == 0 && in->raw.modrm.rm == 5 ? 0 : IN_INDIRECT;
	default:
		return relative ? IN_BRANCH : 0; /* xbegin */
	}
}

static void describe(struct insn *i, const ZydisDecodedInstruction *in)
{
	i->len = in->length;
	i->mnemonic = (uint16_t)in->mnemonic;
	i->flags = (uint16_t)((moves(in) ? IN_MOVES : 0) | (ends(in) ? IN_ENDS : 0) |
			      (in->mnemonic == ZYDIS_MNEMONIC_ENDBR64 ? IN_TARGET : 0) |
			      (in->mnemonic == ZYDIS_MNEMONIC_NOP ? IN_NOP : 0) | branch_flags(in));
	if (i->flags & (IN_BRANCH | IN_CALL))
		i->to = i->addr + i->len + (uint64_t)in->raw.imm[0].value.s;
	flags_of(i, in);
}

int decode_bytes(const ZydisDecoder *d, const uint8_t *p, size_t len, uint64_t addr, struct insn *i)
{
	ZydisDecodedInstruction in;
	memset(i, 0, sizeof(*i));
	i->addr = addr;
	if (ZYAN_FAILED(ZydisDecoderDecodeInstruction(d, NULL, p, len, &in)))
		return -1;
	describe(i, &in);
	return 0;
}

int decode_insn(const ZydisDecoder *d, const struct elf_text *t, uint64_t addr, struct insn *i)
{
	size_t left = 0;
	const uint8_t *p = elf_bytes(t, addr, &left);
	return decode_bytes(d, p, p ? left : 0, addr, i);
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

int decode_function(const struct elf_text *t, const struct survey *s, const struct func *f, insn_list *out)
{
	ZydisDecoder d;
	decode_init(&d);
	out->n = 0;
	for (uint64_t addr = f->start; addr < f->end;) {
		struct insn *i = VEC_PUSH(out);
		if (decode_insn(&d, t, addr, i) || i->len > f->end - addr)
			return -1;
		if (s && survey_mark(s, addr))
			i->flags |= IN_TARGET;
		addr += i->len;
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

/* Instructions that must not just run: system calls, and those whose results nobody
 * can predict (cpuid, where the CPU cannot fault on it; rdrand; rdseed; rdtsc, which some
 * virtual machines do not let trap by itself), or whose results depend on context switches (xsave and its
 * kin; fnstenv, fnsave and fxsave). */
#ifndef REWRITE_SITES_H
#define REWRITE_SITES_H

#include "rewrite/decode.h"

enum site_kind {
	SITE_CPUID,
	SITE_RDRAND,
	SITE_RDSEED,
	SITE_RDTSC,
	SITE_RDTSCP,
	SITE_SYSCALL,
	SITE_XSAVE,
	SITE_XSAVEC,
	SITE_FXSAVE,
	SITE_FNSTENV, /* and fnsave, which stores the same first */
	SITE_SAFEPOINT,
	SITE_SUSPECT, /* may be cpuid, rdtsc or rdtscp, where nobody knows the instructions (suspects.h) */
};

struct site {
	uint64_t offset; /* in the file, of the first byte */
	uint8_t kind, len;
	uint8_t reg;  /* destination of rdrand and rdseed, as the CPU numbers them */
	uint8_t size; /* of it, in bytes */
};

typedef VEC(struct site) site_list;

/* Is the instruction `in` such a site? (No safepoint.) */
bool site_classify(const struct elf_text *t, const struct insn *in, struct site *s);
/* A part of what fnstenv, fnsave and fxsave store. */
struct x87_field {
	uint8_t off, len; /* bytes; len: 2, 4 or 8, and 0 behind the last */
};

/* Where the instruction `in`, a SITE_FXSAVE or SITE_FNSTENV with memory operand `op`, stores which x87
 * instruction was the last, and where its operand was. Static. */
const struct x87_field *x87_fields(const ZydisDecodedInstruction *in, const ZydisDecodedOperand *op);

/* Those of file `fd` that must trap where they stand: all but system calls, and those that store registers.
 * Only an instruction that decoding from the start of the function around it reaches counts. Where there is
 * no such function they are suspects. A file that is no ELF file has none. */
void sites_find(int fd, site_list *out);
/* Only what is in no function: suspects, and those that proved to be instructions (called.h). */
void sites_suspects(const struct elf_text *t, site_list *out);

#endif

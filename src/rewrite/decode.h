/* A function as instructions. */
#ifndef REWRITE_DECODE_H
#define REWRITE_DECODE_H

#include <Zydis/Zydis.h>

#include "rewrite/elf.h"

enum insn_flag {
	IN_TARGET = 1,	   /* a branch of the function goes here, or one may */
	IN_MOVES = 2,	   /* can be executed elsewhere, after fixing what is relative to ip */
	IN_ENDS = 4,	   /* control does not go on after it */
	IN_BRANCH = 8,	   /* a jump with its distance in it */
	IN_COND = 16,	   /* a jump that may not be taken */
	IN_CALL = 32,	   /* a call with its distance in it */
	IN_REL32 = 64,	   /* the distance has four bytes */
	IN_INDIRECT = 128, /* a jump through a register or memory, but not through a fixed place */
	IN_SAFE = 256,	   /* it gets a safepoint */
	IN_LIVE = 512,	   /* and flags are live there */
	IN_NOP = 1024,
};

#define FLAGS_ALL 63 /* all status flags, one bit each */

struct insn {
	uint64_t addr;
	uint64_t to;		  /* IN_BRANCH, IN_CALL: where it goes */
	uint16_t flags, mnemonic; /* enum insn_flag, ZydisMnemonic */
	uint8_t len;
	uint8_t reads, writes; /* status flags, of FLAGS_ALL; writes: surely */
};

typedef VEC(struct insn) insn_list;

struct survey;

/* Decode one instruction at `addr` of the file. 0, or -1: none there. */
int decode_one(const ZydisDecoder *d, const struct elf_text *t, uint64_t addr, ZydisDecodedInstruction *in,
	       ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT]);
void decode_init(ZydisDecoder *d);
/* Without operands, from bytes that stand at `addr`; 0 or -1. */
int decode_bytes(const ZydisDecoder *d, const uint8_t *p, size_t len, uint64_t addr, struct insn *i);
/* The same from the file. */
int decode_insn(const ZydisDecoder *d, const struct elf_text *t, uint64_t addr, struct insn *i);
/* All instructions of `f` in `out` (emptied first); `survey` knows branches that come from
 * elsewhere, and may be NULL. 0, or -1 when they do not tile it: something in it is not
 * code, or its bounds are wrong. */
int decode_function(const struct elf_text *t, const struct survey *s, const struct func *f, insn_list *out);
/* The index of the instruction that starts at `addr`, or SIZE_MAX. */
size_t decode_find(const insn_list *l, uint64_t addr);
/* Bytes of filling (nops and int3 that belong to no function) at `addr`, in whole
 * instructions, until there are `want` or they end. */
unsigned decode_padding(const struct elf_text *t, uint64_t addr, unsigned want);

#endif

/* What the rewriter knows of an ELF file: its executable segments, and where its
 * functions begin and end. */
#ifndef REWRITE_ELF_H
#define REWRITE_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct func {
	uint64_t start, end; /* virtual addresses of the file */
};

struct segment {
	uint64_t offset, vaddr, len; /* of the part that the file holds, bytes */
};

struct elf_text {
	const uint8_t *data; /* the file, mapped */
	size_t size;
	bool fixed;		       /* ET_EXEC: linked to its address */
	bool textrel;		       /* its text is changed by relocations */
	VEC(struct func) funcs;	       /* by start, not overlapping */
	VEC(struct segment) segs;      /* executable ones */
	VEC(struct segment) data_segs; /* the others */
	VEC(struct segment) relocs;    /* tables of them; vaddr: its type (SHT_RELA, SHT_RELR) */
};

/* Read `fd`. 0; -1 if it is no x86-64 ELF file, or says nothing of its functions (no
 * error text: such files are left alone). Free with elf_text_close in both cases. */
int elf_text_open(struct elf_text *t, int fd);
void elf_text_close(struct elf_text *t);
/* The function that contains `vaddr`, or NULL. */
const struct func *elf_func(const struct elf_text *t, uint64_t vaddr);
/* The segment that contains `vaddr`, or NULL. */
const struct segment *elf_segment(const struct elf_text *t, uint64_t vaddr);
/* The address of the byte at `offset` of the file, which is text. */
uint64_t elf_text_addr(const struct elf_text *t, uint64_t offset);
/* The bytes at `vaddr`, and how many of the segment are left there; NULL: not text. */
const uint8_t *elf_bytes(const struct elf_text *t, uint64_t vaddr, size_t *left);
/* Copy bytes of a segment that is no text. 0, or -1: not all of them are in the file. */
int elf_data(const struct elf_text *t, uint64_t vaddr, void *out, size_t n);
/* Call `fn` for what may be a code address in the program's data: the addends of relative
 * relocations; in a program linked to its address, aligned words that stand beside another one
 * of the same function, as in a jump table. */
void elf_each_pointer(const struct elf_text *t, void (*fn)(void *ctx, uint64_t value), void *ctx);

#endif

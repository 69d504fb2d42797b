/* The functions of a file in chunks, which several threads look at. */
#ifndef REWRITE_CHUNKS_H
#define REWRITE_CHUNKS_H

#include "rewrite/elf.h"

#define CHUNK_BYTES (64u << 10) /* of text, about */

/* Functions first[k] to first[k + 1] - 1 are chunk k. */
struct chunks {
	size_t *first, n;
};

void chunks_make(struct chunks *c, const struct elf_text *t);
void chunks_free(struct chunks *c);

#endif

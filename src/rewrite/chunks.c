#include "rewrite/chunks.h"

void chunks_make(struct chunks *c, const struct elf_text *t)
{
	VEC(size_t) first = {0};
	uint64_t bytes = CHUNK_BYTES;
	for (size_t i = 0; i < t->funcs.n; i++) {
		if (bytes >= CHUNK_BYTES) {
			*VEC_PUSH(&first) = i;
			bytes = 0;
		}
		bytes += t->funcs.at[i].end - t->funcs.at[i].start;
	}
	c->n = first.n;
	*VEC_PUSH(&first) = t->funcs.n;
	c->first = first.at;
}

void chunks_free(struct chunks *c)
{
	free(c->first);
	c->first = NULL;
}

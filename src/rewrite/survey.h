/* A first look at the whole text: where it is entered other than by falling into it. */
#ifndef REWRITE_SURVEY_H
#define REWRITE_SURVEY_H

#include <sched.h>

#include "rewrite/chunks.h"
#include "rewrite/decode.h"
#include "rewrite/parts.h"

enum mark {
	MARK_BRANCH = 1, /* a branch of another function goes here */
	MARK_TABLE = 2,	 /* its address is in a jump table, or in the data */
	MARK_LEA = 4,	 /* its address is taken by an instruction */
};

struct call_edge {
	uint32_t from, to; /* functions by number */
};

typedef VEC(struct call_edge) edge_list;

struct survey {
	uint64_t base, len;
	uint8_t *marks;		/* one byte for each byte of text */
	struct parts calls;	/* functions that can come back to each other by direct calls and jumps */
	uint8_t *interesting;	/* by function: something in it may be changed */
	uint8_t *returns_flags; /* by function: a caller reads flags after calling it */
	edge_list edges;
};

/* Look at all functions of `t`, on several CPUs (base/ahead.h). Free with survey_free. */
void survey_make(struct survey *s, const struct elf_text *t, const struct chunks *c, const cpu_set_t *cpus);
void survey_free(struct survey *s);

/* The marks (enum mark) of an address, 0 outside of the text. */
static inline uint8_t survey_mark(const struct survey *s, uint64_t addr)
{
	return addr - s->base < s->len ? s->marks[addr - s->base] : 0;
}
/* Can `from` and `to` call each other (or are they the same)? */
static inline bool survey_recurs(const struct survey *s, const struct elf_text *t, const struct func *from,
				 const struct func *to)
{
	return s->calls.part[from - t->funcs.at] == s->calls.part[to - t->funcs.at];
}
/* May something in function `f` be changed? */
static inline bool survey_interesting(const struct survey *s, const struct elf_text *t, const struct func *f)
{
	return s->interesting[f - t->funcs.at];
}

#endif

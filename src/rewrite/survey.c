#include "rewrite/survey.h"

#include <stdlib.h>
#include <string.h>

#include "base/ahead.h"

#define TABLE_MAX 4096 /* entries of a jump table */

static void mark(struct survey *s, uint64_t addr, uint8_t m)
{
	if (addr - s->base >= s->len)
		return;
	/* Other threads mark too. */
	uint8_t *p = &s->marks[addr - s->base];
	if (!(__atomic_load_n(p, __ATOMIC_RELAXED) & m))
		__atomic_fetch_or(p, m, __ATOMIC_RELAXED);
}

/* A table of distances from its own address, as compilers make for position-independent
 * code: as many entries as lead to functions. What is no table but looks like one costs
 * safepoints at most. */
static void read_table(struct survey *s, const struct elf_text *t, uint64_t table)
{
	const struct func *f = NULL;
	for (unsigned i = 0; i < TABLE_MAX; i++) {
		int32_t d;
		if (elf_data(t, table + 4 * i, &d, 4))
			return;
		uint64_t to = table + (uint64_t)(int64_t)d;
		if (!f || to < f->start || to >= f->end)
			f = elf_func(t, to);
		if (!f)
			return;
		mark(s, to, MARK_TABLE);
	}
}

static uint32_t number(const struct elf_text *t, const struct func *f)
{
	return (uint32_t)(f - t->funcs.at);
}

struct look {
	struct survey *s;
	const struct elf_text *t;
	const struct func *f;
	const struct func *called; /* by the last call, while its flags may still be read */
	unsigned since;		   /* instructions since then */
	edge_list edges;
};

static void edge(struct look *l, uint64_t to)
{
	const struct func *g = elf_func(l->t, to);
	if (g)
		*VEC_PUSH(&l->edges) = (struct call_edge){number(l->t, l->f), number(l->t, g)};
}

static void one(struct look *l, uint64_t addr, const ZydisDecodedInstruction *in)
{
	bool wide = in->opcode_map == ZYDIS_OPCODE_MAP_0F;
	uint8_t op = in->opcode;
	uint64_t next = addr + in->length;
	if (in->encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY)
		return;
	if (in->raw.imm[0].size && in->raw.imm[0].is_relative) {
		uint64_t to = next + (uint64_t)in->raw.imm[0].value.s;
		l->s->interesting[number(l->t, l->f)] |= to <= addr;
		if (to >= l->f->start && to < l->f->end && op != 0xe8)
			return;
		if (op != 0xe8)
			mark(l->s, to, MARK_BRANCH);
		edge(l, to);
	} else if (!wide && op == 0xff && (in->raw.modrm.reg == 2 || in->raw.modrm.reg == 4)) {
		/* call or jmp through memory or a register; a PLT's entries are through rip */
		bool slot = in->raw.modrm.mod == 0 && in->raw.modrm.rm == 5;
		l->s->interesting[number(l->t, l->f)] |= !slot && in->raw.modrm.reg == 4;
	} else if (!wide && op == 0x8d && in->raw.modrm.mod == 0 && in->raw.modrm.rm == 5) {
		uint64_t to = next + (uint64_t)in->raw.disp.value;
		if (to - l->s->base < l->s->len)
			mark(l->s, to, MARK_LEA);
		else
			read_table(l->s, l->t, to);
	} else if (wide && (op == 0x05 || (op == 0x01 && in->mnemonic == ZYDIS_MNEMONIC_RDTSCP) ||
			    op == 0x31 || op == 0xa2 || op == 0xc7 ||
			    (op == 0xae && in->raw.modrm.mod != 3 &&
			     (in->raw.modrm.reg >= 4 || !in->raw.modrm.reg)))) {
		/* syscall, rdtscp, rdtsc, cpuid, the group of rdrand, rdseed and xsavec, that of xsave and
		 * fxsave */
		l->s->interesting[number(l->t, l->f)] = 1;
	} else if (!wide && (op == 0xd9 || op == 0xdd) && in->raw.modrm.mod != 3 && in->raw.modrm.reg == 6) {
		l->s->interesting[number(l->t, l->f)] = 1; /* fnstenv, fnsave */
	}
}

#define AFTER_CALL 6 /* instructions in which a caller looks at flags that it was given */

/* jcc, setcc, cmovcc, pushf, lahf, adc, sbb, cmc, and rotations through the carry */
static bool reads_flags(const ZydisDecodedInstruction *in)
{
	uint8_t op = in->opcode;
	if (in->encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY)
		return false;
	if (in->opcode_map == ZYDIS_OPCODE_MAP_0F)
		return (op & 0xf0) == 0x80 || (op & 0xf0) == 0x90 || (op & 0xf0) == 0x40;
	uint8_t ext = in->raw.modrm.reg;
	return in->opcode_map == ZYDIS_OPCODE_MAP_DEFAULT &&
	       ((op & 0xf0) == 0x70 || op == 0x9c || op == 0x9f || op == 0xf5 || (op >= 0x10 && op <= 0x1d) ||
		((op & 0xfc) == 0x80 && (ext == 2 || ext == 3)) ||
		(((op & 0xfe) == 0xc0 || (op & 0xfc) == 0xd0) && (ext == 2 || ext == 3)));
}

/* mov, lea, pop, and other things that leave flags alone */
static bool keeps_flags(const ZydisDecodedInstruction *in)
{
	uint8_t op = in->opcode;
	return in->encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY ||
	       in->opcode_map != ZYDIS_OPCODE_MAP_DEFAULT || (op >= 0x88 && op <= 0x8d) ||
	       (op >= 0x50 && op <= 0x5f) || op == 0x90 || (op >= 0xb0 && op <= 0xbf) || op == 0xc6 ||
	       op == 0xc7 || op == 0x63;
}

/* Does a function return flags to a caller? */
static void after_call(struct look *l, uint64_t addr, const ZydisDecodedInstruction *in)
{
	if (l->called && reads_flags(in))
		__atomic_store_n(&l->s->returns_flags[number(l->t, l->called)], 1, __ATOMIC_RELAXED);
	if (!keeps_flags(in) || ++l->since > AFTER_CALL)
		l->called = NULL;
	if (in->opcode == 0xe8 && in->opcode_map == ZYDIS_OPCODE_MAP_DEFAULT && in->raw.imm[0].is_relative) {
		l->called = elf_func(l->t, addr + in->length + (uint64_t)in->raw.imm[0].value.s);
		l->since = 0;
	}
}

static void look_at(struct look *l, const ZydisDecoder *d)
{
	l->called = NULL;
	for (uint64_t addr = l->f->start; addr < l->f->end;) {
		ZydisDecodedInstruction in;
		size_t left;
		const uint8_t *p = elf_bytes(l->t, addr, &left);
		if (!p || ZYAN_FAILED(ZydisDecoderDecodeInstruction(d, NULL, p, left, &in))) {
			l->s->interesting[number(l->t, l->f)] = 1; /* it will be reported */
			return;
		}
		one(l, addr, &in);
		after_call(l, addr, &in);
		addr += in.length;
	}
}

static void on_pointer(void *ctx, uint64_t value)
{
	struct survey *s = ctx;
	mark(s, value, MARK_TABLE);
}

/* Edges by the function that they come from. */
struct call_graph {
	uint32_t *first, *to;
};

static uint32_t callee(const void *ctx, uint32_t v, uint32_t k)
{
	const struct call_graph *g = ctx;
	return g->first[v] + k < g->first[v + 1] ? g->to[g->first[v] + k] : NO_NODE;
}

static void find_recursion(struct survey *s, size_t n)
{
	struct call_graph cg = {xcalloc(n + 2, 4), xmalloc(s->edges.n * 4 + 4)};
	struct graph g = {(uint32_t)n, callee, &cg};
	for (size_t i = 0; i < s->edges.n; i++)
		cg.first[s->edges.at[i].from + 2]++;
	for (size_t i = 2; i < n + 2; i++)
		cg.first[i] += cg.first[i - 1];
	/* This moves each start to the next function's: callee() finds them one lower. */
	for (size_t i = 0; i < s->edges.n; i++)
		cg.to[cg.first[s->edges.at[i].from + 1]++] = s->edges.at[i].to;
	parts_find(&s->calls, &g);
	free(cg.first);
	free(cg.to);
}

struct work {
	struct survey *s;
	const struct elf_text *t;
	const struct chunks *c;
	edge_list *edges; /* by chunk */
};

static void look_at_chunk(void *ctx, size_t k)
{
	struct work *w = ctx;
	struct look l = {.s = w->s, .t = w->t};
	ZydisDecoder d;
	decode_init(&d);
	ZydisDecoderEnableMode(&d, ZYDIS_DECODER_MODE_MINIMAL, ZYAN_TRUE);
	for (size_t i = w->c->first[k]; i < w->c->first[k + 1]; i++) {
		l.f = &w->t->funcs.at[i];
		look_at(&l, &d);
	}
	w->edges[k] = l.edges;
}

static void look_at_all(struct survey *s, const struct elf_text *t, const struct chunks *c,
			const cpu_set_t *cpus)
{
	struct work w = {s, t, c, xcalloc(c->n + 1, sizeof(edge_list))};
	struct ahead *a = ahead_start(c->n, c->n, look_at_chunk, &w, cpus);
	for (size_t k = 0; k < c->n; k++) {
		ahead_wait(a, k);
		for (size_t i = 0; i < w.edges[k].n; i++)
			*VEC_PUSH(&s->edges) = w.edges[k].at[i];
		VEC_FREE(&w.edges[k]);
	}
	ahead_end(a);
	free(w.edges);
}

void survey_make(struct survey *s, const struct elf_text *t, const struct chunks *c, const cpu_set_t *cpus)
{
	memset(s, 0, sizeof(*s));
	if (!t->segs.n)
		return;
	const struct segment *last = &t->segs.at[t->segs.n - 1];
	s->base = t->segs.at[0].vaddr;
	s->len = last->vaddr + last->len - s->base;
	s->marks = xcalloc(s->len, 1);
	s->interesting = xcalloc(t->funcs.n + 1, 1);
	s->returns_flags = xcalloc(t->funcs.n + 1, 1);
	look_at_all(s, t, c, cpus);
	elf_each_pointer(t, on_pointer, s);
	find_recursion(s, t->funcs.n);
}

void survey_free(struct survey *s)
{
	free(s->marks);
	parts_free(&s->calls);
	free(s->interesting);
	free(s->returns_flags);
	VEC_FREE(&s->edges);
}

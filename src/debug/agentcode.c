#include "debug/agentcode.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "replay/bypass.h"

#define LEN_MAX 1000 /* bytes of an expression */
#define NOWHERE (-1)

/* A jump to an operation whose code does not exist yet. */
struct fix {
	size_t at;	 /* offset in `out` of its distance, four bytes */
	unsigned target; /* offset of the operation; the expression's length: behind it */
};

struct compiler {
	const uint8_t *code;
	unsigned len, pc;
	uint64_t imm;
	struct buf *out;
	int depth;		 /* values on the stack, NOWHERE: nobody comes here */
	int depths[LEN_MAX + 1]; /* at operations that something jumps to */
	struct {
		size_t at[LEN_MAX];
	} begin; /* offset in `out` of each operation */
	VEC(struct fix) fixes;
	bool bad;
};

static void put(struct compiler *c, const char *bytes, size_t n)
{
	buf_put(c->out, bytes, n);
}

#define PUT(c, text) put(c, text, sizeof(text) - 1)

static void put_byte(struct compiler *c, int v)
{
	buf_u8(c->out, (uint8_t)v);
}

/* --- operations: values are on the machine's stack --- */

/* Those whose code is the same each time: what they pop, and how it becomes the value to be pushed. */
struct fixed {
	uint8_t op, pops; /* 2: the second into rcx, the first into rax; 1: into rax */
	uint8_t len;
	const char *code;
};

#define FIXED(op, pops, text)                                                                                \
	{                                                                                                    \
		op, pops, sizeof(text) - 1, text                                                             \
	}

static const struct fixed fixed[] = {
	FIXED(0x02, 2, "\x48\x01\xc8"),	    /* add %rcx, %rax */
	FIXED(0x03, 2, "\x48\x29\xc8"),	    /* sub */
	FIXED(0x04, 2, "\x48\x0f\xaf\xc1"), /* imul */
	/* shl %cl, %rax; cmp $63, %rcx; jbe over; xor %eax, %eax */
	FIXED(0x09, 2, "\x48\xd3\xe0\x48\x83\xf9\x3f\x76\x02\x31\xc0"),
	/* cmp $63, %rcx; jbe over; mov $63, %ecx; over: sar %cl, %rax */
	FIXED(0x0a, 2, "\x48\x83\xf9\x3f\x76\x05\xb9\x3f\0\0\0\x48\xd3\xf8"),
	FIXED(0x0b, 2, "\x48\xd3\xe8\x48\x83\xf9\x3f\x76\x02\x31\xc0"), /* shr, as shl */
	FIXED(0x0e, 1, "\x48\x85\xc0\x0f\x94\xc0\x0f\xb6\xc0"),		/* test; sete; movzx */
	FIXED(0x0f, 2, "\x48\x21\xc8"),					/* and */
	FIXED(0x10, 2, "\x48\x09\xc8"),					/* or */
	FIXED(0x11, 2, "\x48\x31\xc8"),					/* xor */
	FIXED(0x12, 1, "\x48\xf7\xd0"),					/* not */
	FIXED(0x13, 2, "\x48\x39\xc8\x0f\x94\xc0\x0f\xb6\xc0"),		/* cmp; sete; movzx */
	FIXED(0x14, 2, "\x48\x39\xc8\x0f\x9c\xc0\x0f\xb6\xc0"),		/* cmp; setl; movzx */
	FIXED(0x15, 2, "\x48\x39\xc8\x0f\x92\xc0\x0f\xb6\xc0"),		/* cmp; setb; movzx */
	FIXED(0x28, 1, "\x50"),						/* dup: push %rax, and once more */
};

static const struct fixed *find_fixed(uint8_t op)
{
	for (size_t i = 0; i < ARRAY_LEN(fixed); i++) {
		if (fixed[i].op == op)
			return &fixed[i];
	}
	return NULL;
}

static void put_fixed(struct compiler *c, const struct fixed *f)
{
	if (f->pops == 2)
		PUT(c, "\x59"); /* pop %rcx */
	PUT(c, "\x58");		/* pop %rax */
	put(c, f->code, f->len);
	PUT(c, "\x50"); /* push %rax */
}

/* By zero, and by -1 where that may trap, nothing is computed here. */
static void put_division(struct compiler *c, uint8_t op)
{
	bool is_signed = op == 0x05 || op == 0x07;
	PUT(c, "\x59\x58\x48\x85\xc9\x75\x03\xff\x63"); /* pop both; test %rcx, %rcx; jnz over; jmp *FAILS */
	put_byte(c, BYPASS_FAILS);
	if (is_signed) {
		PUT(c, "\x48\x83\xf9\xff\x75\x03\xff\x63"); /* cmp $-1, %rcx; jne over; jmp *FAILS */
		put_byte(c, BYPASS_FAILS);
		PUT(c, "\x48\x99\x48\xf7\xf9"); /* cqo; idiv %rcx */
	} else {
		PUT(c, "\x31\xd2\x48\xf7\xf1"); /* xor %edx, %edx; div %rcx */
	}
	if (op == 0x05 || op == 0x06)
		PUT(c, "\x50"); /* push %rax */
	else
		PUT(c, "\x52"); /* push %rdx */
}

/* From `imm` bits to 64. */
static void put_extension(struct compiler *c, bool is_signed)
{
	if (c->imm >= 64 || (is_signed && !c->imm))
		return;
	PUT(c, "\x58");
	if (!c->imm) {
		PUT(c, "\x31\xc0\x50");
		return;
	}
	PUT(c, "\x48\xc1\xe0"); /* shl */
	put_byte(c, (int)(64 - c->imm));
	put(c, is_signed ? "\x48\xc1\xf8" : "\x48\xc1\xe8", 3); /* sar, shr */
	put_byte(c, (int)(64 - c->imm));
	PUT(c, "\x50");
}

static void put_load(struct compiler *c, uint8_t op)
{
	static const char *const loads[] = {"\x0f\xb6\x00", "\x0f\xb7\x00", "\x8b\x00", "\x48\x8b\x00"};
	PUT(c, "\x58\xff\x53"); /* pop %rax; call *READS */
	put_byte(c, BYPASS_READS);
	put(c, loads[op - 0x17], op == 0x19 ? 2 : 3); /* into rax */
	PUT(c, "\x50");
}

/* rcx may be an address of ours. */
static void put_register(struct compiler *c)
{
	c->bad |= c->imm >= BYPASS_REGS || c->imm == 2;
	PUT(c, "\xff\x73"); /* push */
	put_byte(c, (int)(8 * c->imm));
}

static void put_constant(struct compiler *c)
{
	PUT(c, "\x48\xb8");
	buf_put(c->out, &c->imm, 8);
	PUT(c, "\x50");
}

static void put_pick(struct compiler *c)
{
	uint32_t at = (uint32_t)(8 * c->imm);
	c->bad |= c->imm >= (uint64_t)c->depth;
	PUT(c, "\xff\xb4\x24"); /* push at(%rsp) */
	buf_put(c->out, &at, 4);
}

/* --- control --- */

/* The distance of a jump to operation `target`, which must be further on: so all code ends. */
static void put_target(struct compiler *c, uint64_t target, int depth)
{
	static const uint32_t later = 0;
	if (target < c->pc || target > c->len ||
	    (c->depths[target] != NOWHERE && c->depths[target] != depth)) {
		c->bad = true;
		return;
	}
	c->depths[target] = depth;
	*VEC_PUSH(&c->fixes) = (struct fix){c->out->len, (unsigned)target};
	buf_put(c->out, &later, 4);
}

static void put_goto(struct compiler *c)
{
	PUT(c, "\xe9");
	put_target(c, c->imm, c->depth);
	c->depth = NOWHERE;
}

static void put_if_goto(struct compiler *c)
{
	PUT(c, "\x58\x48\x85\xc0\x0f\x85"); /* pop %rax; test; jnz */
	put_target(c, c->imm, c->depth);
}

/* Return if the value on top is not 0; else empty the stack, and go behind the expression. */
static void put_end(struct compiler *c)
{
	uint32_t size = (uint32_t)(8 * c->depth);
	if (c->depth) {
		PUT(c, "\x48\x8b\x04\x24\x48\x8d\xa4\x24"); /* mov (%rsp), %rax; lea size(%rsp), %rsp */
		buf_put(c->out, &size, 4);
		PUT(c, "\x48\x85\xc0\x74\x06\xb8\x01\0\0\0\xc3"); /* test; jz over; mov $1, %eax; ret */
	}
	PUT(c, "\xe9");
	put_target(c, c->len, 0);
	c->depth = NOWHERE;
}

static void put_operation(struct compiler *c, uint8_t op)
{
	const struct fixed *f = find_fixed(op);
	if (f)
		put_fixed(c, f);
	else if (op >= 0x05 && op <= 0x08)
		put_division(c, op);
	else if (op == 0x16 || op == 0x2a)
		put_extension(c, op == 0x16);
	else if (op >= 0x17 && op <= 0x1a)
		put_load(c, op);
	else if (op >= 0x22 && op <= 0x25)
		put_constant(c);
	else if (op == 0x26)
		put_register(c);
	else if (op == 0x29)
		PUT(c, "\x58"); /* pop */
	else if (op == 0x2b)
		PUT(c, "\x59\x58\x51\x50"); /* swap */
	else if (op == 0x33)
		PUT(c, "\x5a\x59\x58\x52\x50\x51"); /* rot */
	else if (op == 0x32)
		put_pick(c);
	else
		c->bad = true;
}

static void put_control(struct compiler *c, uint8_t op, const struct agent_op *o)
{
	int depth = c->depth + o->pushes - o->pops;
	if (op == 0x20 || op == 0x21 || op == 0x27)
		c->depth = depth;
	if (op == 0x20)
		put_if_goto(c);
	else if (op == 0x21)
		put_goto(c);
	else if (op == 0x27)
		put_end(c);
	else
		put_operation(c, op);
	if (c->depth != NOWHERE)
		c->depth = depth;
}

/* The operation at c->pc. */
static void compile_one(struct compiler *c)
{
	uint8_t op = c->code[c->pc];
	struct agent_op o;
	if (c->depths[c->pc] != NOWHERE) {
		c->bad |= c->depth != NOWHERE && c->depth != c->depths[c->pc];
		c->depth = c->depths[c->pc];
	}
	c->begin.at[c->pc++] = c->out->len;
	if (!agent_op(op, &o) || o.imm > c->len - c->pc) {
		c->bad = true;
		return;
	}
	c->imm = 0;
	for (unsigned i = 0; i < o.imm; i++)
		c->imm = c->imm << 8 | c->code[c->pc++];
	if (c->depth == NOWHERE)
		return; /* nobody comes here */
	c->bad |= c->depth < o.pops || 8 * (c->depth + 4) > BYPASS_STACK;
	if (!c->bad)
		put_control(c, op, &o);
}

static void fix_jumps(struct compiler *c)
{
	for (size_t i = 0; !c->bad && i < c->fixes.n; i++) {
		const struct fix *f = &c->fixes.at[i];
		size_t to = f->target == c->len ? c->out->len : c->begin.at[f->target];
		int32_t distance = (int32_t)(to - (f->at + 4));
		c->bad |= !to; /* no operation begins there */
		memcpy(c->out->data + f->at, &distance, 4);
	}
}

static bool compile_expression(const struct expression *e, struct buf *out)
{
	struct compiler *c = xcalloc(1, sizeof(*c));
	c->code = e->code;
	c->len = (unsigned)e->len;
	c->out = out;
	c->bad = e->len > LEN_MAX;
	for (size_t i = 0; i <= LEN_MAX; i++)
		c->depths[i] = NOWHERE;
	while (!c->bad && c->pc < c->len)
		compile_one(c);
	c->bad |= c->depth != NOWHERE; /* it has no end */
	fix_jumps(c);
	bool ok = !c->bad;
	VEC_FREE(&c->fixes);
	free(c);
	return ok;
}

bool agent_compile(const struct expression *l, size_t n, struct buf *out)
{
	size_t from = out->len;
	for (size_t i = 0; i < n; i++) {
		if (!compile_expression(&l[i], out))
			return false;
	}
	buf_put(out, "\x31\xc0\xc3", 3); /* xor %eax, %eax; ret */
	return out->len - from <= BYPASS_CODE_MAX;
}

/* Expressions that gdb compiles for a target to evaluate (the "Agent Expression Mechanism" of its manual):
 * conditions of breakpoints, and what dprintf prints. Bytecode comes from a client and may be anything. */
#ifndef DEBUG_AGENT_H
#define DEBUG_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* An expression as gdb compiled it. */
struct expression {
	uint8_t *code;
	size_t len;
};

/* What an operation takes: bytes of its argument, values that it needs on the stack, and that it leaves. */
struct agent_op {
	uint8_t imm, pops, pushes;
};
/* False: it is not supported. */
bool agent_op(uint8_t byte, struct agent_op *op);

/* What an expression may ask of the program. */
struct agent_target {
	/* The low 64 bits of register `n`, by gdb's number. False: there is none. */
	bool (*reg)(void *ctx, unsigned n, uint64_t *value);
	/* Read memory: bytes read, short where nothing is mapped. */
	size_t (*read)(void *ctx, uint64_t addr, void *out, size_t len);
	void *ctx;
};

/* Evaluate `len` bytes of code. 0: *value is what is on top of the stack at the end, 0 if nothing is; -1 with
 * the error text. What the code prints is appended to `out`; NULL: nobody wants it. */
int agent_run(const uint8_t *code, size_t len, const struct agent_target *target, struct buf *out,
	      uint64_t *value);

/* Append what printf would print to `out`. The format is as in C source: with backslashes. `args` are
 * integers, and addresses of strings. 0 or -1 with the error text. */
int agent_print(const char *format, const uint64_t *args, unsigned nargs, const struct agent_target *target,
		struct buf *out);

#endif

#include "debug/agent.h"

#include "base/err.h"
#include "base/mem.h"

#define STACK_MAX 100
#define OPS_MAX 100000 /* executed by one expression */

struct machine {
	const uint8_t *code;
	size_t len, pc;
	uint64_t stack[STACK_MAX];
	unsigned sp;  /* values on it */
	uint64_t imm; /* the argument of the opcode */
	bool ended;
	const struct agent_target *target;
	struct buf *out;
};

/* --- arithmetic: the values are popped already, the result takes the place of the first --- */

#define BINARY(name, expr)                                                                                   \
	static int op_##name(struct machine *m)                                                              \
	{                                                                                                    \
		uint64_t b = m->stack[m->sp - 1], a = m->stack[m->sp - 2];                                   \
		m->stack[m->sp - 2] = (expr);                                                                \
		m->sp--;                                                                                     \
		return 0;                                                                                    \
	}

BINARY(add, a + b)
BINARY(sub, a - b)
BINARY(mul, a *b)
BINARY(lsh, b < 64 ? a << b : 0)
BINARY(rsh_signed, (uint64_t)((int64_t)a >> (b < 64 ? b : 63)))
BINARY(rsh_unsigned, b < 64 ? a >> b : 0)
BINARY(bit_and, a &b)
BINARY(bit_or, a | b)
BINARY(bit_xor, a ^ b)
BINARY(equal, a == b)
BINARY(less_signed, (int64_t)a < (int64_t)b)
BINARY(less_unsigned, a < b)

/* The processor traps at INT64_MIN / -1, whose result is INT64_MIN again. */
static uint64_t quotient(uint64_t a, uint64_t b)
{
	return b == UINT64_MAX ? 0 - a : (uint64_t)((int64_t)a / (int64_t)b);
}

static uint64_t rest(uint64_t a, uint64_t b)
{
	return b == UINT64_MAX ? 0 : (uint64_t)((int64_t)a % (int64_t)b);
}

#define DIVISION(name, expr)                                                                                 \
	BINARY(name##_checked, expr)                                                                         \
	static int op_##name(struct machine *m)                                                              \
	{                                                                                                    \
		return m->stack[m->sp - 1] ? op_##name##_checked(m) : err_set("division by zero");           \
	}

DIVISION(div_signed, quotient(a, b))
DIVISION(div_unsigned, a / b)
DIVISION(rem_signed, rest(a, b))
DIVISION(rem_unsigned, a % b)

static uint64_t *top(struct machine *m)
{
	return &m->stack[m->sp - 1];
}

static int op_log_not(struct machine *m)
{
	*top(m) = !*top(m);
	return 0;
}

static int op_bit_not(struct machine *m)
{
	*top(m) = ~*top(m);
	return 0;
}

/* From `imm` bits to 64. */
static int op_ext(struct machine *m)
{
	if (m->imm && m->imm < 64)
		*top(m) = (uint64_t)((int64_t)(*top(m) << (64 - m->imm)) >> (64 - m->imm));
	return 0;
}

static int op_zero_ext(struct machine *m)
{
	if (m->imm < 64)
		*top(m) &= (1ull << m->imm) - 1;
	return 0;
}

/* --- the stack --- */

static int push(struct machine *m, uint64_t v)
{
	m->stack[m->sp++] = v;
	return 0;
}

static int op_const(struct machine *m)
{
	return push(m, m->imm);
}

static int op_dup(struct machine *m)
{
	return push(m, *top(m));
}

static int op_pop(struct machine *m)
{
	m->sp--;
	return 0;
}

static int op_pick(struct machine *m)
{
	if (m->imm >= m->sp)
		return err_set("it looks below the bottom of the stack");
	return push(m, m->stack[m->sp - 1 - m->imm]);
}

static int op_swap(struct machine *m)
{
	uint64_t v = m->stack[m->sp - 1];
	m->stack[m->sp - 1] = m->stack[m->sp - 2];
	m->stack[m->sp - 2] = v;
	return 0;
}

/* a b c => c a b */
static int op_rot(struct machine *m)
{
	uint64_t *v = &m->stack[m->sp - 3], c = v[2];
	v[2] = v[1];
	v[1] = v[0];
	v[0] = c;
	return 0;
}

/* --- the program --- */

static int load(struct machine *m, size_t n)
{
	uint64_t v = 0, addr = *top(m);
	if (m->target->read(m->target->ctx, addr, &v, n) != n)
		return err_set("cannot read memory at 0x%llx", (unsigned long long)addr);
	*top(m) = v;
	return 0;
}

static int op_ref8(struct machine *m)
{
	return load(m, 1);
}

static int op_ref16(struct machine *m)
{
	return load(m, 2);
}

static int op_ref32(struct machine *m)
{
	return load(m, 4);
}

static int op_ref64(struct machine *m)
{
	return load(m, 8);
}

static int op_reg(struct machine *m)
{
	uint64_t v;
	if (!m->target->reg(m->target->ctx, (unsigned)m->imm, &v))
		return err_set("there is no register %u", (unsigned)m->imm);
	return push(m, v);
}

/* --- control --- */

static int op_goto(struct machine *m)
{
	m->pc = m->imm;
	return 0;
}

static int op_if_goto(struct machine *m)
{
	if (m->stack[--m->sp])
		m->pc = m->imm;
	return 0;
}

static int op_end(struct machine *m)
{
	m->ended = true;
	return 0;
}

/* The number of values, the length of the format and the format follow; on the stack are the values, the last
 * one first, a channel, and a function that prints, which we do not call. */
static int op_printf(struct machine *m)
{
	unsigned n = (unsigned)(m->imm >> 16);
	size_t len = m->imm & 0xffff;
	uint64_t args[STACK_MAX];
	const char *format = (const char *)m->code + m->pc;
	if (!len || len > m->len - m->pc || format[len - 1])
		return err_set("the format has no end");
	if (n + 2 > m->sp)
		return err_set("the stack is empty");
	m->pc += len;
	m->sp -= 2;
	for (unsigned i = 0; i < n; i++)
		args[i] = m->stack[--m->sp];
	return m->out ? agent_print(format, args, n, m->target, m->out) : 0;
}

/* --- all opcodes; those of floating point and of tracepoints are not for conditions --- */

static const struct opcode {
	int (*run)(struct machine *m);
	uint8_t imm, pops, pushes; /* bytes of its argument; values that it needs, and that it leaves */
} opcodes[256] = {
	[0x02] = {op_add, 0, 2, 1},	     [0x03] = {op_sub, 0, 2, 1},
	[0x04] = {op_mul, 0, 2, 1},	     [0x05] = {op_div_signed, 0, 2, 1},
	[0x06] = {op_div_unsigned, 0, 2, 1}, [0x07] = {op_rem_signed, 0, 2, 1},
	[0x08] = {op_rem_unsigned, 0, 2, 1}, [0x09] = {op_lsh, 0, 2, 1},
	[0x0a] = {op_rsh_signed, 0, 2, 1},   [0x0b] = {op_rsh_unsigned, 0, 2, 1},
	[0x0e] = {op_log_not, 0, 1, 1},	     [0x0f] = {op_bit_and, 0, 2, 1},
	[0x10] = {op_bit_or, 0, 2, 1},	     [0x11] = {op_bit_xor, 0, 2, 1},
	[0x12] = {op_bit_not, 0, 1, 1},	     [0x13] = {op_equal, 0, 2, 1},
	[0x14] = {op_less_signed, 0, 2, 1},  [0x15] = {op_less_unsigned, 0, 2, 1},
	[0x16] = {op_ext, 1, 1, 1},	     [0x17] = {op_ref8, 0, 1, 1},
	[0x18] = {op_ref16, 0, 1, 1},	     [0x19] = {op_ref32, 0, 1, 1},
	[0x1a] = {op_ref64, 0, 1, 1},	     [0x20] = {op_if_goto, 2, 1, 0},
	[0x21] = {op_goto, 2, 0, 0},	     [0x22] = {op_const, 1, 0, 1},
	[0x23] = {op_const, 2, 0, 1},	     [0x24] = {op_const, 4, 0, 1},
	[0x25] = {op_const, 8, 0, 1},	     [0x26] = {op_reg, 2, 0, 1},
	[0x27] = {op_end, 0, 0, 0},	     [0x28] = {op_dup, 0, 1, 2},
	[0x29] = {op_pop, 0, 1, 0},	     [0x2a] = {op_zero_ext, 1, 1, 1},
	[0x2b] = {op_swap, 0, 2, 2},	     [0x32] = {op_pick, 1, 0, 1},
	[0x33] = {op_rot, 0, 3, 3},	     [0x34] = {op_printf, 3, 2, 0},
};

bool agent_op(uint8_t byte, struct agent_op *op)
{
	const struct opcode *o = &opcodes[byte];
	*op = (struct agent_op){o->imm, o->pops, o->pushes};
	return o->run;
}

static int step(struct machine *m)
{
	if (m->pc >= m->len)
		return err_set("the code has no end");
	uint8_t byte = m->code[m->pc++];
	const struct opcode *o = &opcodes[byte];
	if (!o->run)
		return err_set("operation 0x%02x is not supported", byte);
	if (o->imm > m->len - m->pc)
		return err_set("the code has no end");
	if (o->pops > m->sp)
		return err_set("the stack is empty");
	if (m->sp - o->pops + o->pushes > STACK_MAX)
		return err_set("the stack is full");
	m->imm = 0;
	for (unsigned i = 0; i < o->imm; i++)
		m->imm = m->imm << 8 | m->code[m->pc++];
	return o->run(m);
}

int agent_run(const uint8_t *code, size_t len, const struct agent_target *target, struct buf *out,
	      uint64_t *value)
{
	struct machine m = {.code = code, .len = len, .target = target, .out = out};
	for (unsigned n = 0; !m.ended; n++) {
		if (n == OPS_MAX)
			return err_set("the expression takes too long");
		if (step(&m))
			return -1;
	}
	*value = m.sp ? *top(&m) : 0;
	return 0;
}

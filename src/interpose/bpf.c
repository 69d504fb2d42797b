#include "interpose/bpf.h"

#include <linux/audit.h>
#include <stddef.h>
#include <string.h>

struct machine {
	uint32_t a, x, mem[BPF_MEMWORDS];
	const struct seccomp_data *sd;
	uint32_t known; /* bytes of *sd that may be read; what lies behind them is not known */
	bool unknown;	/* the filter has asked for that */
};

static uint32_t load(struct machine *m, uint32_t at)
{
	uint32_t word = 0;
	m->unknown |= at + 4 > m->known;
	if (!m->unknown && at + 4 <= sizeof(*m->sd))
		memcpy(&word, (const char *)m->sd + at, 4);
	return word;
}

/* Division by zero ends the filter with the answer 0, which *ends says. */
static uint32_t compute(uint32_t op, uint32_t a, uint32_t b, bool *ends)
{
	switch (op) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_MUL:
		return a * b;
	case BPF_DIV:
		*ends = !b;
		return b ? a / b : 0;
	case BPF_AND:
		return a & b;
	case BPF_OR:
		return a | b;
	case BPF_XOR:
		return a ^ b;
	case BPF_LSH:
		return a << (b & 31);
	case BPF_RSH:
		return a >> (b & 31);
	}
	return -a; /* BPF_NEG */
}

static bool holds(uint32_t op, uint32_t a, uint32_t b)
{
	return op == BPF_JEQ ? a == b : op == BPF_JGT ? a > b : op == BPF_JGE ? a >= b : (a & b) != 0;
}

/* Loads and stores. The kernel accepts of seccomp filters only words of the data, its length,
 * constants and the 16 words of memory. */
static void move(struct machine *m, const struct sock_filter *f)
{
	uint32_t *to = BPF_CLASS(f->code) == BPF_LD ? &m->a : &m->x;
	switch (BPF_MODE(f->code)) {
	case BPF_ABS:
		*to = load(m, f->k);
		break;
	case BPF_IMM:
		*to = f->k;
		break;
	case BPF_MEM:
		*to = m->mem[f->k % BPF_MEMWORDS];
		break;
	case BPF_LEN:
		*to = sizeof(struct seccomp_data);
		break;
	}
}

static uint32_t run(struct machine *m, const struct sock_filter *code, unsigned n)
{
	bool ends = false;
	for (unsigned pc = 0; pc < n && !m->unknown; pc++) {
		const struct sock_filter *f = &code[pc];
		uint32_t other = BPF_SRC(f->code) == BPF_X ? m->x : f->k;
		switch (BPF_CLASS(f->code)) {
		case BPF_LD:
		case BPF_LDX:
			move(m, f);
			break;
		case BPF_ST:
			m->mem[f->k % BPF_MEMWORDS] = m->a;
			break;
		case BPF_STX:
			m->mem[f->k % BPF_MEMWORDS] = m->x;
			break;
		case BPF_ALU:
			m->a = compute(BPF_OP(f->code), m->a, other, &ends);
			if (ends)
				return 0;
			break;
		case BPF_JMP:
			pc += BPF_OP(f->code) == BPF_JA		    ? f->k
			      : holds(BPF_OP(f->code), m->a, other) ? f->jt
								    : f->jf;
			break;
		case BPF_RET:
			return BPF_RVAL(f->code) == BPF_A ? m->a : f->k;
		case BPF_MISC:
			if (BPF_MISCOP(f->code) == BPF_TAX)
				m->x = m->a;
			else
				m->a = m->x;
			break;
		}
	}
	return SECCOMP_RET_KILL_THREAD; /* not reached: accepted filters end with a return */
}

uint32_t bpf_run(const struct sock_filter *code, unsigned n, const struct seccomp_data *sd)
{
	struct machine m = {.sd = sd, .known = sizeof(*sd)};
	return run(&m, code, n);
}

bool bpf_always_allows(const struct sock_filter *code, unsigned n, int nr)
{
	const struct seccomp_data sd = {.nr = nr, .arch = AUDIT_ARCH_X86_64};
	struct machine m = {.sd = &sd, .known = offsetof(struct seccomp_data, instruction_pointer)};
	uint32_t answer = run(&m, code, n);
	return !m.unknown && (answer & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ALLOW;
}

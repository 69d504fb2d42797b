#include "task/answer.h"

#include <cpuid.h>
#include <sys/random.h>
#include <sys/types.h>

#include "base/mem.h"
#include "task/tsc.h"

/* What the program must not find, because its results could not be recorded or
 * would differ by machine: RDRAND; RDSEED, HLE, RTM; protection keys, WAITPKG; RTM's
 * helpers and user interrupts. */
static const struct {
	uint32_t leaf, sub;
	char reg;
	uint32_t hide;
} hidden[] = {
	{1, 0, 'c', 1u << 30},
	{7, 0, 'b', 1u << 18 | 1u << 4 | 1u << 11},
	{7, 0, 'c', 1u << 3 | 1u << 4 | 1u << 5},
	{7, 0, 'd', 1u << 11 | 1u << 13 | 1u << 16 | 1u << 5},
};

bool answer_has_subleaves(uint32_t leaf)
{
	static const uint32_t with[] = {4,    7,    0xb,  0xd,	0xf,	    0x10,	0x12,
					0x14, 0x17, 0x18, 0x1a, 0x1b,	    0x1d,	0x1e,
					0x1f, 0x20, 0x23, 0x24, 0x8000001d, 0x80000020, 0x80000026};
	for (size_t i = 0; i < ARRAY_LEN(with); i++) {
		if (with[i] == leaf)
			return true;
	}
	/* Unknown ranges answer like the highest basic leaf, which may have subleaves. */
	return leaf > 0x24 && (leaf < 0x80000000 || leaf > 0x80000026);
}

struct cpuid_row answer_cpuid(uint32_t leaf, uint32_t sub)
{
	struct cpuid_row r = {.leaf = leaf, .sub = answer_has_subleaves(leaf) ? sub : UINT32_MAX};
	__cpuid_count(leaf, sub, r.a, r.b, r.c, r.d);
	for (size_t i = 0; i < ARRAY_LEN(hidden); i++) {
		if (hidden[i].leaf != leaf || (leaf == 7 && hidden[i].sub != sub))
			continue;
		uint32_t *reg = hidden[i].reg == 'b' ? &r.b : hidden[i].reg == 'c' ? &r.c : &r.d;
		*reg &= ~hidden[i].hide;
	}
	return r;
}

void answer_tsc(regs_t *r, bool p, uint64_t aux)
{
	uint64_t v = tsc_now();
	r->rax = (uint32_t)v;
	r->rdx = v >> 32;
	if (p)
		r->rcx = aux;
}

void answer_random(regs_t *r, unsigned reg, unsigned size)
{
	unsigned long long *const regs[16] = {
		&r->rax, &r->rcx, &r->rdx, &r->rbx, &r->rsp, &r->rbp, &r->rsi, &r->rdi,
		&r->r8,	 &r->r9,  &r->r10, &r->r11, &r->r12, &r->r13, &r->r14, &r->r15,
	};
	uint64_t v = 0;
	if (getrandom(&v, size, 0) != (ssize_t)size)
		v = tsc_now();
	unsigned long long *to = regs[reg & 15];
	/* 16-bit results keep the rest of the register, 32-bit ones clear it. */
	*to = size == 2 ? (*to & ~0xffffull) | (v & 0xffff) : v;
	/* Success: CF set, OF SF ZF AF PF clear. */
	r->eflags = (r->eflags & ~0x8d5ull) | 1;
}

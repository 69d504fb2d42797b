#include "task/answer.h"

#include <cpuid.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

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

/* CPUID.0DH, and what fxsave says of MXCSR (Intel SDM volume 1, 13.2 and 11.6.6). */
void answer_xsave_layout(struct xsave_layout *l)
{
	uint8_t area[512] __attribute__((aligned(16))) = {0};
	uint32_t lo, hi, a, b, c, d;
	memset(l, 0, sizeof(*l));
	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
		return;
	__asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
	l->parts = lo | (uint64_t)hi << 32;
	__asm__ volatile("fxsave %0" : "=m"(area));
	memcpy(&l->mxcsr_mask, area + 28, 4);
	for (unsigned i = 2; i < XSAVE_PARTS; i++) {
		if (!(l->parts >> i & 1) || !__get_cpuid_count(0xd, i, &a, &b, &c, &d))
			continue;
		l->size[i] = a;
		l->aligned |= (c >> 1 & 1) << i;
	}
}

/* As Linux sets TSC_AUX: the node above, the CPU in the low twelve bits. */
uint64_t answer_tsc_aux(void)
{
	unsigned cpu = 0, node = 0;
	syscall(SYS_getcpu, &cpu, &node, NULL);
	return node << 12 | cpu;
}

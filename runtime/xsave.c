/* xsave and xsavec tell which state components are in their initial state, and xsavec does not
 * store those (Intel SDM volume 1, 13.7 and 13.10). Whether the CPU calls a register file that
 * is all zero initial depends on what was restored when, so on context switches (13.6). Every
 * stub behind such an instruction has it said that all components are in use, and stored.
 * Which x87 instruction was the last, and where its operand was (bytes 6 to 23), depends on context switches
 * as well, on many CPUs, and says zero: fxsave and fnstenv likewise (src/rewrite/emit.c). */
#include "hook.h"

#define LAYOUT ((const volatile struct xsave_layout *)RUNTIME_XSAVE)

#define X87 1u
#define SSE 2u
#define HEADER 512 /* XSTATE_BV, then XCOMP_BV */
#define EXTENDED 576

static void zero(uint8_t *to, uint64_t n)
{
	__asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(0) : "memory");
}

static void store_x87(uint8_t *area)
{
	zero(area, 24);
	*(uint16_t *)area = 0x37f; /* what finit makes of the control word */
	zero(area + 32, 128);
}

/* The CPU calls SSE state initial only when MXCSR is as after a reset. */
static void store_sse(uint8_t *area)
{
	*(uint32_t *)(area + 24) = 0x1f80;
	*(uint32_t *)(area + 28) = LAYOUT->mxcsr_mask;
	zero(area + 160, 256);
}

/* The compacted format: the components asked for, one behind the other. */
static void store_extended(uint8_t *area, uint64_t asked, uint64_t missing)
{
	uint64_t at = EXTENDED;
	for (unsigned i = 2; i < XSAVE_PARTS; i++) {
		if (!(asked >> i & 1))
			continue;
		if (LAYOUT->aligned >> i & 1)
			at = (at + 63) & ~63ull;
		if (missing >> i & 1)
			zero(area + at, LAYOUT->size[i]);
		at += LAYOUT->size[i];
	}
}

void xsave_complete(uint8_t *area, uint64_t asked, uint64_t compacted)
{
	uint64_t *in_use = (uint64_t *)(area + HEADER);
	asked &= LAYOUT->parts;
	uint64_t missing = asked & ~*in_use;
	*in_use |= asked;
	if (asked & X87)
		zero(area + 6, 18);
	if (!compacted || !missing)
		return;
	if (missing & X87)
		store_x87(area);
	if (missing & SSE)
		store_sse(area);
	store_extended(area, asked, missing);
}

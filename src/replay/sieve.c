#include "replay/sieve.h"

#include <string.h>

#include "layout.h"

/* Words of the runtime's pages that hold registers meanwhile. */
#define KEPT_RCX RUNTIME_KEPT
#define KEPT_RAX (RUNTIME_SPARE + 208)
#define KEPT_XMM (RUNTIME_SPARE + 216)

static void put(struct sieve *v, const void *bytes, unsigned n)
{
	memcpy(v->code + v->len, bytes, n);
	v->len += n;
}

static void put_abs(struct sieve *v, const char *op, unsigned n, uint32_t addr)
{
	put(v, op, n);
	put(v, &addr, 4);
}

static void put_imm(struct sieve *v, const char *op, uint64_t imm)
{
	put(v, op, 2);
	put(v, &imm, 8);
}

/* To rcx, which holds what is looked for, negated, add register `reg`; lea leaves flags alone. */
static void put_add(struct sieve *v, unsigned reg)
{
	const uint8_t lea[5] = {(uint8_t)(0x48 | (reg >= 8)), 0x8d, 0x4c, (uint8_t)(1 << 3 | (reg & 7)), 0};
	put(v, lea, 5); /* lea 0(%reg,%rcx), %rcx */
}

static void put_xmm(struct sieve *v, unsigned n)
{
	unsigned reg = n / 2;
	uint8_t low[7] = {0x66, 0x40, 0x0f, 0xd6, 0x04, 0x25}, high[6] = {0x40, 0x0f, 0x17, 0x04, 0x25};
	uint32_t to = KEPT_XMM;
	low[1] |= high[0] |= (uint8_t)(reg >= 8 ? 4 : 0);
	low[4] |= (uint8_t)((reg & 7) << 3);
	high[3] |= (uint8_t)((reg & 7) << 3);
	if (n & 1)
		put(v, high, 5); /* movhps */
	else
		put(v, low, 6); /* movq */
	put(v, &to, 4);
}

/* Load what the item is about into rax, whose own value is kept. */
static void put_load(struct sieve *v, const struct sieve_item *it)
{
	put_abs(v, "\x48\x89\x04\x25", 4, KEPT_RAX);
	if (it->kind == SIEVE_XMM)
		put_xmm(v, it->n);
	if (it->kind == SIEVE_MEM) {
		put_imm(v, "\x48\xb8", it->addr);
		put(v, "\x48\x8b\x00", 3);
	} else {
		put_abs(v, "\x48\x8b\x04\x25", 4, it->kind == SIEVE_XMM ? KEPT_XMM : KEPT_RCX);
	}
}

/* Not equal: go to `out`, whose address is filled in later. */
static unsigned put_item(struct sieve *v, const struct sieve_item *it)
{
	bool direct = it->kind == SIEVE_REG && it->n != 1;
	if (!direct)
		put_load(v, it);
	put_imm(v, "\x48\xb9", -it->value);
	put_add(v, direct ? it->n : 0);
	if (!direct)
		put_abs(v, "\x48\x8b\x04\x25", 4, KEPT_RAX);
	put(v, "\xe3\x05\xe9\0\0\0\0", 7); /* jrcxz over; jmp out; over: */
	return v->len;
}

/* To the displaced instructions. */
static void put_go(struct sieve *v)
{
	int32_t d = (int32_t)(SIEVE_COPY - (v->len + 5));
	put(v, "\xe9", 1);
	put(v, &d, 4);
}

/* Bytes that are no instruction in 64-bit mode, or int3 (AMD64 manual volume 3, table A-1;
 * not 0xd5, a prefix on CPUs with APX). */
static const uint8_t traps[] = {0x06, 0xea, 0x16, 0xce, 0x37, 0xcc, 0x60, 0x07, 0x0e, 0x17,
				0x1e, 0x1f, 0x27, 0x2f, 0x3f, 0x61, 0x82, 0x9a, 0xd4, 0xd6};
#define MIDDLES 64

bool sieve_distance(const struct detour *d, unsigned number, int32_t *distance)
{
	bool fixed[DETOUR_JUMP] = {false};
	for (unsigned i = 1; i < d->n; i++) {
		if (d->app[i] - d->at < DETOUR_JUMP)
			fixed[d->app[i] - d->at] = true;
	}
	unsigned tops = fixed[4] ? sizeof(traps) : 256;
	unsigned middles = fixed[3] ? sizeof(traps) : MIDDLES;
	unsigned top = number / middles, middle = number % middles;
	uint8_t b[4] = {0xcc, 0xcc};
	if (!fixed[2])
		b[1] = 0x10;
	b[2] = fixed[3] ? traps[middle] : (uint8_t)(middle * 31 + 17);
	if (fixed[4])
		b[3] = traps[top % tops];
	else
		b[3] = (uint8_t)(top & 1 ? 0xff - top / 2 : top / 2); /* the near ones first */
	memcpy(distance, b, 4);
	return number < tops * middles;
}

int sieve_make(struct sieve *v, const struct live_code *c)
{
	unsigned jumps[SIEVE_ITEMS];
	if (detour_emit(c, &v->d, v->page + SIEVE_COPY, v->code + SIEVE_COPY, SIEVE_SIZE - SIEVE_COPY) < 0)
		return -1;
	v->len = v->entry;
	put_abs(v, "\x48\x89\x0c\x25", 4, KEPT_RCX);
	for (unsigned i = 0; i < v->nitems; i++)
		jumps[i] = put_item(v, &v->items[i]);
	put_abs(v, "\x48\x8b\x0c\x25", 4, KEPT_RCX);
	v->trap = v->len;
	put(v, "\xcc", 1);
	put_go(v);
	for (unsigned i = 0; i < v->nitems; i++) {
		int32_t d = (int32_t)(v->len - jumps[i]);
		memcpy(v->code + jumps[i] - 4, &d, 4);
	}
	put_abs(v, "\x48\x8b\x0c\x25", 4, KEPT_RCX);
	put_go(v);
	return 0;
}

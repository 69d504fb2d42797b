/* A jump in the task's code to a page that lets all passes go by but those where registers and
 * memory hold given values: these trap. */
#ifndef REPLAY_SIEVE_H
#define REPLAY_SIEVE_H

#include "rewrite/detour.h"

#define SIEVE_ITEMS 16
#define SIEVE_SIZE 4096

enum sieve_kind {
	SIEVE_REG, /* n: the register as the CPU numbers it */
	SIEVE_XMM, /* n: twice the register, + 1 for its upper half */
	SIEVE_MEM, /* the eight bytes at addr */
};

struct sieve_item {
	uint8_t kind, n;
	uint64_t addr, value;
};

struct sieve {
	struct detour d;
	uint64_t page; /* address of the code; the displaced instructions come first */
	struct sieve_item items[SIEVE_ITEMS];
	unsigned nitems;
	uint8_t code[SIEVE_SIZE];
	unsigned len, entry, trap; /* offsets: where the jump leads, the int3 */
};

/* Make the code for v->d, v->page and v->items. 0, or -1: out of reach. */
int sieve_make(struct sieve *v, const struct live_code *c);

#endif

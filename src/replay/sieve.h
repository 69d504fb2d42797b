/* A jump in the task's code to a page that lets all passes go by but those where registers and
 * memory hold given values: these trap. */
#ifndef REPLAY_SIEVE_H
#define REPLAY_SIEVE_H

#include "rewrite/detour.h"

#define SIEVE_ITEMS 16
#define SIEVE_SIZE 0x3000 /* bytes of the pages */
#define SIEVE_COPY 0x2000 /* where in them the displaced instructions are */

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
	uint64_t page;	/* address of the pages */
	unsigned entry; /* where in the first one the jump leads */
	struct sieve_item items[SIEVE_ITEMS];
	unsigned nitems;
	uint8_t code[SIEVE_SIZE];
	unsigned len, trap; /* offsets: the end of the sieve, its int3 */
};

/* How the jump's distance may look so that all addresses of displaced instructions that it covers
 * trap: whoever comes there directly (a loop that is entered in its middle) is helped. Numbers
 * from 0 on give distances to try; false: there are no more. */
bool sieve_distance(const struct detour *d, unsigned number, int32_t *distance);
/* Make the code for v->d, v->page, v->entry and v->items. 0, or -1: out of reach. */
int sieve_make(struct sieve *v, const struct live_code *c);

#endif

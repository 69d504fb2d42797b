/* The code and the data of a bypass (bypass.c), which stand in pages of ours near the program's code. */
#ifndef REPLAY_BYPASSCODE_H
#define REPLAY_BYPASSCODE_H

#include "rewrite/detour.h"

#define BYPASS_SIZE 0x4000    /* of the pages */
#define BYPASS_MAIN 0x1010    /* where in them the code is; a jump of the first page leads there */
#define BYPASS_COPY 0x1e00    /* the copies of displaced instructions */
#define BYPASS_WRITTEN 0x2000 /* from here on pages that it writes to */
#define BYPASS_TOP 0x2c00     /* of its stack; right below are the program's flags */
#define BYPASS_BASE 0x2c80    /* what rbx points to, at the program's registers */
#define BYPASS_TABLE 0x3000   /* pairs of addresses between which its conditions cannot read; ends with ~0 */
#define BYPASS_RANGES ((BYPASS_SIZE - BYPASS_TABLE) / 16 - 1)
#define BYPASS_COUNTS (BYPASS_BASE - 40) /* struct bypass_counts */

/* Visits that were passed by, at the station whose counters (their raw values) are these. */
struct bypass_counts {
	uint64_t visits, ticks, calls;
};
#define BYPASS_NO_STATION UINT64_MAX /* no value of the counter of safepoints */

struct bypass_code {
	struct detour d;
	unsigned entry;	  /* where in the pages a jump leads that begins it */
	unsigned moved;	  /* up to here all registers are the program's; then rsp is not, */
	unsigned kept;	  /* and from here on the flags are kept below the top */
	unsigned counted; /* from here on the visit is counted, */
	unsigned fails;	  /* and from here on, where a condition may be true, it is not */
	unsigned trap;	  /* the int3 where it cannot pass by */
	unsigned back;	  /* behind the copies: the jump back to the program */
	uint64_t called;  /* the copy is of a call: where it leads; 0: of none */
};

/* One instruction alone at `at` (a call included), or those that a jump displaces, for d->d. 0; -1: they can
 * only be executed where they are. */
int bypass_displace(const struct live_code *c, uint64_t at, bool jumps, struct bypass_code *b);
/* Write the copies for pages at `page` into `out` (BYPASS_WRITTEN bytes); 0, or -1: out of reach. */
int bypass_copies(struct bypass_code *b, const struct live_code *c, uint64_t page, uint8_t *out);
/* And what evaluates the condition `code` (at most BYPASS_CODE_MAX bytes). *fails: the address that
 * BYPASS_FAILS is to hold, *reads: that of BYPASS_READS. */
void bypass_emit(struct bypass_code *b, uint64_t page, const uint8_t *code, size_t len, uint8_t *out,
		 uint64_t *fails, uint64_t *reads);

#endif

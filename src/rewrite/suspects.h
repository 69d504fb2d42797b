/* Bytes that may be cpuid, rdtsc or rdtscp in code of which no table says where its instructions are: they
 * may as well be a part of another instruction, or data between functions. */
#ifndef REWRITE_SUSPECTS_H
#define REWRITE_SUSPECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "rewrite/detour.h"
#include "rewrite/sites.h"

#define SUSPECT_LEAST 2	  /* bytes of the shortest one */
#define SUSPECT_BEFORE 96 /* bytes before a suspect that suspects_sweep looks at, */
#define SUSPECT_AFTER 32  /* and behind it */

enum suspect_is {
	SUSPECT_UNKNOWN,
	SUSPECT_LIKELY, /* decoding comes to an instruction there wherever it starts */
	SUSPECT_INSN,	/* an instruction, which begins at `addr` */
	SUSPECT_PART,	/* of another instruction */
};

struct suspect {
	uint64_t addr;	   /* of the opcode, after prefixes, unless it is known to be an instruction */
	uint8_t kind, len; /* enum site_kind; bytes of the instruction */
	uint8_t is;	   /* enum suspect_is */
	bool reached;	   /* control comes there, if the calls on the way return */
};

typedef VEC(struct suspect) suspect_list;

/* Add those whose opcode is in [lo, hi) to `out`, by address. `tsc`: rdtsc and rdtscp too. */
void suspects_find(const struct live_code *c, uint64_t lo, uint64_t hi, bool tsc, suspect_list *out);
/* The program executes `ip`: tell what the suspects are that control reaches from there, within [lo, hi),
 * by jumps whose targets stand in them. What is behind calls is only noted: they may not return. */
void suspects_follow(const struct live_code *c, uint64_t ip, uint64_t lo, uint64_t hi, suspect_list *l);
/* Decoding falls into step with the program's instructions soon, wherever it starts. Tell what the unknown
 * ones are in that view: parts of other instructions, or likely instructions. */
void suspects_sweep(const struct live_code *c, suspect_list *l);
/* In the same view: does an instruction begin at `addr`? */
bool suspects_is_start(const struct live_code *c, uint64_t addr);

#endif

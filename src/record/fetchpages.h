/* Pages of code that no file describes (fetch.c): what is known of them. */
#ifndef RECORD_FETCHPAGES_H
#define RECORD_FETCHPAGES_H

#include "record/session.h"
#include "rewrite/suspects.h"

#define FETCH_PAGE 4096ull
#define FETCH_INSN_MAX 15 /* bytes */

/* A suspect that is known, with the bytes that tell what it is. */
struct fetch_past {
	struct suspect su;
	uint8_t bytes[2 * FETCH_INSN_MAX];
};

/* A page of such code. One that has no entry is held. */
struct fetch_page {
	uint64_t page;
	bool open;
	bool text; /* it belongs to a file that has suspects there */
	bool free; /* it was written and executed in turns too often: nothing is found there any more */
	unsigned steps, flips;
	uint64_t sum;	/* of its bytes when it was opened, where other processes may write them; or 0 */
	suspect_list l; /* its suspects, and what they are, when it was looked at the last time */
	uint8_t *seen;	/* its bytes then, or NULL */
	VEC(struct fetch_past) past;
};

/* The entry of the page that holds `addr`, or NULL; and one, made if there is none. */
struct fetch_page *fetch_find(const struct rmm *mm, uint64_t addr);
struct fetch_page *fetch_get(struct rmm *mm, uint64_t addr);
/* Is it a mapping for code made at run time? */
bool fetch_is_code(const struct mapping *m);
/* The mapping of the code at `addr` that is looked at, or NULL: there is none. */
const struct mapping *fetch_code_at(const struct rmm *mm, uint64_t addr);
/* Set the kernel's protection of [lo, hi), where `t` is not in a call that is still to run. */
void fetch_protect(struct recorder *s, struct rtask *t, uint64_t lo, uint64_t hi, uint32_t prot);
/* Is it shared memory, and so a view of what other mappings may show too? */
bool fetch_is_shared(const struct mapping *m);
/* Is `m` memory that can be written here and executed at another address? */
bool fetch_is_view(const struct rmm *mm, const struct mapping *m);
/* Let [lo, hi) of the code `m` be executed, and written nowhere in this address space. */
void fetch_open(struct recorder *s, struct rtask *t, const struct mapping *m, uint64_t lo, uint64_t hi);
/* Where `m`, code in shared memory or a view of it, shows [lo, hi): hold that code, and let it be written. Is
 * an open page of it where the instruction at `ip` is? That, or NULL. */
struct fetch_page *fetch_hold_shared(struct recorder *s, struct rtask *t, const struct mapping *m,
				     uint64_t lo, uint64_t hi, uint64_t ip);
/* The protections of held and open pages. */
uint32_t fetch_held_prot(const struct mapping *m);
uint32_t fetch_open_prot(const struct mapping *m);
/* Put an int3 in the place of an instruction. */
void fetch_plant(struct rtask *t, const struct suspect *su);
/* Take those in [lo, hi) out. */
void fetch_pull(struct rtask *t, uint64_t lo, uint64_t hi);
/* Hold the page, which is open: what is known of its content is not true any more. */
void fetch_hold(struct recorder *s, struct rtask *t, struct fetch_page *p, const struct mapping *m);

#endif

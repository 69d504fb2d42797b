/* What searches backwards have found: parts of the history in which nothing stops, and the stop before each.
 */
#ifndef DEBUG_KNOWN_H
#define DEBUG_KNOWN_H

#include "base/mem.h"
#include "replay/replay.h"

/* Nothing stops behind `lo` and before `hi`. */
struct gap {
	uint64_t key; /* of what was asked for */
	struct position lo, hi;
	bool stops;	    /* at `lo` something does: then */
	struct stop stop;   /* it is this, and */
	struct position at; /* this is where the client was taken to */
};

struct known {
	VEC(struct gap) gaps; /* the oldest first */
};

/* The gap that holds `end`, where what stops just there counts if `there`; or NULL. */
const struct gap *known_find(const struct known *k, uint64_t key, const struct position *end, bool there);
void known_add(struct known *k, const struct gap *g);
void known_free(struct known *k);

#endif

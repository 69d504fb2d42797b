/* The checkpoints of a timeline, in order of their positions. They are thinned out with their distance from
 * where the replay is, and the memory that they take is bounded. */
#ifndef DEBUG_MARKS_H
#define DEBUG_MARKS_H

#include "base/mem.h"
#include "replay/replay.h"

struct mark {
	struct checkpoint *c;
	uint64_t t;	  /* ns of replay that lead there */
	int number;	  /* of those that the client keeps; 0: may go */
	struct stop stop; /* what the client was told there, of those */
	unsigned place;	  /* marks.places when a search backwards led there; 0: none did */
};

/* A function that adds or removes a mark makes all `struct mark *` from before invalid. */
struct marks {
	struct replay *r;
	uint64_t limit;	      /* bytes that checkpoints may take */
	VEC(struct mark) all; /* in order */
	uint64_t t;	      /* where the replay is, in ns */
	uint64_t bytes;	      /* that checkpoints take, about */
	uint64_t touched;     /* replay_touched at the last look */
	unsigned made;
	int last_number;
	unsigned places; /* counts stops that searches backwards have led to */
	/* During a search backwards: the checkpoint from which stops are counted, and the one from which the
	 * last stop seen was counted. Both stay. */
	const struct checkpoint *base, *seen;
};

/* Remove all marks, those that the client keeps too. */
void marks_clear(struct marks *ms);
/* Make a mark where the replay is. NULL: there is one already, or it could not be made, which costs time
 * later, no more. */
struct mark *mark_make(struct marks *ms);
/* Make a mark on the way, if it is time for one. Forwards (not `close`) marks are made no more often than
 * their cost allows: after each one the program's pages are copied as it writes to them. */
bool marks_pass(struct marks *ms, bool close);
/* Keep to the bound of memory. */
void marks_bound(struct marks *ms);
/* The index of the first mark behind position `p`; a mark whose order is not known counts as behind. */
size_t marks_behind(const struct marks *ms, const struct position *p);
/* The last mark before `end`, or NULL. */
struct mark *mark_before(struct marks *ms, const struct position *end);
/* The mark at a position, or NULL. */
struct mark *mark_find(struct marks *ms, const struct position *p);
/* The mark that the client keeps under a number, or NULL with the error text. */
struct mark *mark_numbered(struct marks *ms, int number);
/* Put the replay at a mark. 0, or -1 with the error text. */
int mark_restore(struct marks *ms, const struct mark *m);

#endif

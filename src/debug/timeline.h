/* A replay that goes forwards and backwards: checkpoints on the way, from the nearest of which everything
 * that lies behind is reached by running forwards. */
#ifndef DEBUG_TIMELINE_H
#define DEBUG_TIMELINE_H

#include "replay/replay.h"

struct timeline;

struct timeline_options {
	struct replay_options replay;
	uint64_t checkpoint_bytes; /* memory that checkpoints may take; 0: 1 GB */
	/* Something takes long: the replay is behind `part` of 1000 of all events. May be NULL. */
	void (*progress)(void *ctx, const char *what, unsigned part);
	/* Has the client gone, so that nobody cares any more where the replay is? May be NULL. */
	bool (*gone)(void *ctx);
};

/* NULL with the error text. */
struct timeline *timeline_open(const struct timeline_options *opt);
void timeline_close(struct timeline *tl);
struct replay *timeline_replay(struct timeline *tl);

/* What a debugger wants to happen next. */
struct travel {
	int32_t step;  /* this task makes one instruction; 0: go on until something stops it */
	unsigned want; /* enum stop_mask */
	/* Is a stop one that the debugger wants to hear of? NULL: all are. Going back passes others by. */
	bool (*wanted)(void *ctx, const struct stop *stop);
	void *ctx;
	/* Two journeys with the same key are stopped by the same. 0: nothing is known of that. What a journey
	 * back has found is remembered for the next ones with its key. */
	uint64_t key;
};

/* History begins where the replay is: nothing before is gone to. 0 or -1. */
int timeline_begin(struct timeline *tl);
/* Forwards. STOP_PAUSE only where the client interrupts it. */
void timeline_forward(struct timeline *tl, const struct travel *t, struct stop *stop);
/* Backwards: to the last stop before here, or by one instruction of the task. STOP_END: there is
 * nothing before; the replay is at the first position that was seen. Watchpoints stop before the
 * instruction that changed what they watch. */
void timeline_back(struct timeline *tl, const struct travel *t, struct stop *stop);
/* Go to a position, before or behind. *stop says whether it got there (STOP_POSITION). */
void timeline_seek(struct timeline *tl, const struct position *p, struct stop *stop);

/* To where history begins. *stop says whether it got there. */
void timeline_rewind(struct timeline *tl, struct stop *stop);
/* Where history begins. */
const struct position *timeline_first(const struct timeline *tl);
/* The last event at or before `event` at which a task stopped. */
uint64_t timeline_station(const struct timeline *tl, uint64_t event);
/* When the recording began, ns since 1970. */
uint64_t timeline_start(const struct timeline *tl);
/* When an event was recorded, in ns since the first one. */
uint64_t timeline_time(const struct timeline *tl, uint64_t event);
/* Where the recording was `ns` after its first event: the last event by then, or between two that are far
 * apart. Where history begins, if that is later. */
void timeline_at_time(const struct timeline *tl, uint64_t ns, struct position *p);

/* Keep where it is now, by a checkpoint that stays, and the stop that the client knows of: a number from 1
 * on; -1 with the error text. */
int timeline_keep(struct timeline *tl, const struct stop *stop);
/* Go to one: *stop is as it was given there. 0 or -1. */
int timeline_return(struct timeline *tl, int number, struct stop *stop);
int timeline_drop(struct timeline *tl, int number);

struct timeline_counts {
	unsigned checkpoints;
	uint64_t bytes; /* that they hold, about */
};
struct timeline_counts timeline_counts(const struct timeline *tl);

#endif

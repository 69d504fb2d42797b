/* A place in an execution. */
#ifndef REPLAY_POSITION_H
#define REPLAY_POSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOVES_MAX 8

/* How to get from one place to the next, by the task that goes on. */
enum move_kind {
	MOVE_STEPS,  /* n instructions */
	MOVE_VISITS, /* to the n-th arrival at address pc */
	/* To the n-th instruction of its own that writes to the page at address pc, or (TOUCH) that reads
	 * from it, writes to it or is fetched there; it is about to be made. Each iteration of a repeated
	 * string instruction is one. A watchpoint stops one instruction behind. */
	MOVE_WRITE,
	MOVE_TOUCH,
	MOVE_CALL,   /* to the start of its next system call */
	MOVE_SIGNAL, /* to where its next signal is delivered */
	MOVE_EXIT,   /* to its end; the task has not gone on since the event, another may have */
};

struct move {
	uint8_t kind;
	uint64_t n, pc;
};

/* After `event`, when the task that goes on has used `calls` bytes of the records of its buffered calls
 * and passed `ticks` safepoints: that is a station. From there by the moves. */
struct position {
	uint64_t event, calls, ticks;
	unsigned nmoves;
	struct move moves[MOVES_MAX];
	bool vague; /* it is somewhere behind the moves: nothing tells where exactly */
};

/* What the user writes tells the safepoints only: however many calls have been made by then. */
#define CALLS_ANY UINT64_MAX

bool position_same_base(const struct position *a, const struct position *b);
bool position_equal(const struct position *a, const struct position *b);
/* Negative, 0 or positive, as strcmp; *known is false where both have the same station, and only
 * executing them tells which comes first. */
int position_compare(const struct position *a, const struct position *b, bool *known);
/* Text, such as 1234:56+7, into `out`. */
#define POSITION_TEXT 320
void position_text(const struct position *p, char out[POSITION_TEXT]);
/* The position that a text tells. 0 or -1 with the error text. */
int position_parse(const char *text, struct position *p);
/* Are these `n` moves one to an instruction that touches a page, and that instruction? */
bool position_touched(const struct move *m, unsigned n);
/* Append a move, put together with the last one where they are of one kind. */
void position_add(struct position *p, uint8_t kind, uint64_t n, uint64_t pc);

#endif

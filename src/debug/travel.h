/* The parts of a timeline that its files share, and going to a position. */
#ifndef DEBUG_TRAVEL_H
#define DEBUG_TRAVEL_H

#include "debug/history.h"
#include "debug/known.h"
#include "debug/marks.h"
#include "debug/timeline.h"

struct timeline {
	struct timeline_options opt;
	struct replay *r;
	struct history *history;
	struct marks marks;
	struct known known;
	const char *doing; /* what the client waits for, */
	uint64_t began;	   /* and when that began */
	uint64_t slice;	   /* ns of replay since the last look at the clock and the client */
	bool stopped;	   /* the client has interrupted it */
	bool going_home; /* back to where the client was before the interrupted search: not to be interrupted
			  */
};

/* Callbacks of the replay, with the timeline as their context: they pass on to those of the client. */
void travel_output(void *ctx, const struct written *w);
void travel_note(void *ctx, const char *text);
bool travel_interrupted(void *ctx);

/* The client waits from now on; `doing` is what progress is of. */
void travel_begin(struct timeline *tl, const char *doing);
/* STOP_FAILED with the error text. */
void travel_failed(struct stop *stop);
/* Has the program stopped for what a client asks for (and not because a request is done, or has failed)? */
bool travel_is_hit(const struct stop *stop);
/* As replay_resume for one slice of time. True: the slice is over, and the client has not interrupted it. */
bool travel_slice(struct timeline *tl, struct request *q, struct stop *stop);
/* As replay_resume, with looks at the clock and the client, and checkpoints, on the way. */
void travel_run(struct timeline *tl, struct request q, struct stop *stop);
/* Go to `p`, from here or from a checkpoint. */
void travel_to(struct timeline *tl, const struct position *p, struct stop *stop);
/* If the client has interrupted a search, go back to where it was before: `home`. */
void travel_home(struct timeline *tl, const struct position *home, struct stop *stop);
/* Set *home to where the replay is. Where that is vague (no name leads there again) the replay first goes on
 * to the next place that has one; nobody has seen what is between. 0, or -1 with the error text. */
int travel_settle(struct timeline *tl, struct position *home, struct stop *stop);

/* Step back: to just before the instruction of task `tid` that led here (debug/stepback.c). */
void step_back(struct timeline *tl, int32_t tid, struct stop *stop);
/* To where history begins: *stop is STOP_END there. */
void travel_first(struct timeline *tl, struct stop *stop);
/* To the last stop before here (debug/findback.c). */
void find_back(struct timeline *tl, const struct travel *how, struct stop *stop);

#endif

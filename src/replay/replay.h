/* Replaying a trace: what the rest of the program calls. */
#ifndef REPLAY_REPLAY_H
#define REPLAY_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* After `event`, when the task that goes on has passed `ticks` safepoints. */
struct position {
	uint64_t event, ticks;
};

struct replay_options {
	const struct position *positions; /* stop there and tell where it is; in order */
	size_t npositions;
	const char *dir; /* the trace */
	bool quiet;	 /* do not write what the program wrote */
	bool verify;	 /* insist on memory checksums */
	bool progress;	 /* show a progress bar on stderr when it takes long */
	bool stats;
};

/* Replay all of it. Returns what `reprise replay` exits with: the recorded status as
 * a shell gives it, or 125 after a divergence or another failure, which has been
 * reported on stderr. */
int replay_run(const struct replay_options *opt);

#endif

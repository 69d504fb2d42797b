/* Replaying without a debugger: reprise replay -a. */
#ifndef CLI_AUTOPILOT_H
#define CLI_AUTOPILOT_H

#include "replay/replay.h"

struct autopilot {
	const char *dir;		  /* the trace */
	const struct position *positions; /* stop there and tell where it is; in order */
	size_t npositions;
	const struct process_choice *process; /* replay this one alone; NULL: all */
	bool quiet;			      /* do not write what the program wrote */
	bool mark;			      /* put [reprise PID EVENT] before what each system call wrote */
	bool verify;			      /* insist on memory checksums */
	bool progress;			      /* show a progress bar on stderr when it takes long */
	bool stats;
};

/* Replay all of it, or to the last position. Returns what `reprise replay` exits with: the recorded
 * status as a shell gives it, or 125 after a divergence or another failure, which has been reported on
 * stderr. */
int autopilot_run(const struct autopilot *opt);

#endif

/* Recording: what the rest of the program calls. */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include <stdbool.h>
#include <stdint.h>

struct record_options {
	char *const *argv;  /* the command */
	const char *dir;    /* where the trace goes, or NULL for the default place */
	bool no_buffer;	    /* every call stops the task */
	double slice_ms;    /* how long a thread runs while others wait; 0: as usual */
	bool chaos, seeded; /* random schedules; `seed` is given */
	uint64_t seed;
	unsigned cores;	       /* that the program believes to have; 0: those of the machine */
	bool wait;	       /* until the last process has ended, not the first */
	bool stats;	       /* print counts on stderr at the end */
	uint64_t verify_every; /* a memory checksum every so many events; 0: none */
};

/* Run the command and record it. Returns what `reprise record` exits with: the
 * command's status as a shell gives it (128 + signal), 126 or 127 when it could not
 * be started, 125 after a failure of ours, which has been reported. */
int record_run(const struct record_options *opt);

#endif

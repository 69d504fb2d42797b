/* What a replay shows on the user's terminal: what the program wrote, and how far something is that takes
 * long.
 */
#ifndef DEBUG_CONSOLE_H
#define DEBUG_CONSOLE_H

#include "replay/replay.h"

struct console {
	bool mark;     /* put [reprise PID EVENT] before what each system call wrote */
	bool progress; /* show progress on standard error */
	bool line;     /* a line that shows progress is on the terminal */
	bool mid_line; /* what the program wrote last did not end its line */
};

/* Write what the program wrote. */
void console_write(struct console *c, const struct written *w);
/* `part` of 1000 is done of what takes long; `what` says what that is. */
void console_progress(struct console *c, const char *what, unsigned part);
/* Take the line that shows progress away, if there is one. */
void console_clear(struct console *c);

#endif

/* A server of the gdb remote serial protocol over a recording. */
#ifndef DEBUG_SERVER_H
#define DEBUG_SERVER_H

#include "debug/timeline.h"

struct server_options {
	const char *dir; /* the trace */
	const struct process_choice *process; /* to be debugged alone; NULL: all, from the first exec on */
	uint64_t checkpoint_bytes;
	bool quiet; /* do not show what the program writes */
};

/* Serve the client on connection `fd` until it goes. 0; -1 with the error text: it could not begin. */
int server_run(const struct server_options *opt, int fd);

#endif

/* A server of the gdb remote serial protocol over a recording. */
#ifndef DEBUG_SERVER_H
#define DEBUG_SERVER_H

#include "debug/timeline.h"

struct server_options {
	const char *dir;		      /* the trace */
	const struct process_choice *process; /* to be debugged alone; NULL: all, from the first exec on */
	uint64_t checkpoint_bytes;
	const char
		*position; /* where to begin, as for `seek`; NULL: where the process executes its program */
	int interrupts;	   /* a byte can be read there (without waiting) when the user types ^C; or -1 */
	bool quiet;	   /* do not show what the program writes */
	bool mark;	   /* show which process wrote it, and by which event */
	bool progress;	   /* show progress of what takes long on standard error */
};

struct session;

/* Open the trace, and go to where debugging begins. NULL with the error text. `opt` stays the caller's, until
 * the end. */
struct session *server_begin(const struct server_options *opt);

/* Shall the client read the files of this machine? True where the program and its dynamic linker are the
 * recorded ones; then a file that is another one has a name that begins with "target:". Otherwise the client
 * reads all files from the server. */
bool server_local_files(struct session *s);

/* Serve the client on connection `fd` until it goes. */
void server_run(struct session *s, int fd);

void server_end(struct session *s);

#endif

/* Replaying under a debugger: reprise replay without -a. */
#ifndef CLI_DEBUG_H
#define CLI_DEBUG_H

#include "debug/server.h"

struct debug_options {
	struct server_options server;
	bool serve;	    /* any client at `port`, in place of starting gdb; */
	bool keep;	    /* one after the other */
	int port;	    /* 0: any that is free */
	const char *host;   /* address to listen on; NULL: loopback */
	const char *gdb;    /* the program; NULL: gdb */
	const char *script; /* -x of gdb, or NULL */
	char **gdb_args;    /* NULL-terminated; or NULL */
};

/* What `reprise replay` exits with: gdb's status, or 125. */
int debug_run(struct debug_options *opt);

#endif

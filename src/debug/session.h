/* A debugging session, shared by the files that answer packets. */
#ifndef DEBUG_SESSION_H
#define DEBUG_SESSION_H

#include "base/mem.h"
#include "debug/packet.h"
#include "debug/server.h"

/* Expressions of a breakpoint, as gdb compiled them. */
struct expression {
	uint8_t *code;
	size_t len;
};
typedef VEC(struct expression) expression_list;

struct breakpoint {
	int32_t tgid; /* recorded */
	uint64_t addr;
	unsigned kinds;		    /* bit n: set as Zn */
	expression_list conditions; /* it stops where one is true; none: always */
	expression_list commands;   /* to be executed there in place of stopping */
};

/* Whether a file of this machine holds what was recorded under the hash. */
struct known_file {
	char hash[36];
	char *name;
	bool same;
};

struct session {
	const struct server_options *opt;
	struct timeline *tl;
	struct replay *r;
	struct wire wire;
	struct buf in, out;   /* the packet being answered, and the answer */
	int32_t tgid;	      /* recorded process that is debugged */
	int32_t general;      /* task of g, m, ...; */
	int32_t resume;	      /* that Hc chose; 0: any */
	struct stop stop;     /* the last one */
	struct stop diverted; /* the last one of the diversion, if there is one */
	int32_t caller;	      /* task whose registers say that it is to run something else */
	int32_t stood;	      /* task that seems to have made a step, 0: none; */
	uint64_t stood_at;    /* its rip before that */
	bool wrote;	      /* memory has been written in it, and nothing has run since */
	bool backwards;	      /* the last request was */
	bool ended;	      /* the client said goodbye */
	uint64_t shown;	      /* events up to here have shown their output */
	uint8_t pass[32];     /* signals that need not stop: bit n */
	bool prints;	      /* breakpoints' commands take effect */
	VEC(struct breakpoint) breaks;
	struct buf xfer;    /* the object that is being read, */
	char xfer_name[64]; /* and its name */
	int files[1024];	    /* of vFile, -1: free */
	bool local_files;	    /* the client opens files of this machine, but names that begin with "target:" */
	VEC(struct known_file) known;
};

/* Answer the packet in s->in: the answer is in s->out. False: there is none. */
bool session_answer(struct session *s);

/* --- run.c: what makes the program go on --- */
/* The answer to a stop. */
void stop_reply(struct session *s);
/* To the exec of the process that is to be debugged. 0 or -1. */
int session_begin(struct session *s);
bool on_resume(struct session *s, const char *p);
bool on_back(struct session *s, const char *p);
bool on_vcont(struct session *s, const char *p);
/* Go to a position as if a client had stopped there. */
void session_seek(struct session *s, const struct position *p);
/* Go back to before the last change of these bytes; s->stop says whether there was one. 0 or -1. */
int session_last_write(struct session *s, uint64_t addr, uint64_t len);
bool session_interrupted(void *ctx);

#define GDB_SIGINT 2
#define GDB_SIGTRAP 5

/* --- divert.c: what the client changes, and calls --- */
bool on_write_regs(struct session *s, const char *p);
bool on_write_memory(struct session *s, const char *p);
enum diverted {
	DIVERTED_NOT,	  /* what is to go on is the recording; no diversion is left */
	DIVERTED_STOPPED, /* it went on in the diversion, and has stopped there */
	DIVERTED_OVER,	  /* it has ended there; the client is back in the recording, where it was */
};
/* Go on in the diversion, if one is in the middle of a call; `alone`: nothing but task `step` is to run;
 * `sig`: gdb's number of the signal that the client wants to be delivered. */
enum diverted divert_go(struct session *s, bool back, int32_t step, bool alone, unsigned sig);
/* The client goes elsewhere: throw the diversion away, if there is one. */
void divert_leave(struct session *s);
/* The stop that the client sees. */
const struct stop *divert_stop(struct session *s);

/* --- breaks.c: breakpoints, their conditions and commands --- */
bool on_break(struct session *s, const char *p);
/* Does the replay stop where task `tid` has come to a breakpoint at `addr`? Executes its commands. */
bool breaks_stop(void *ctx, int32_t tid, uint64_t addr);
void breaks_free(struct session *s);

/* --- libraries.c: objects about the program's files, in s->xfer --- */
void make_exec_file(struct session *s);
void make_libraries(struct session *s);
/* Are the program and its dynamic linker those of this machine? */
bool libraries_same(struct session *s);
void libraries_free(struct session *s);

/* --- xfer.c, files.c, monitor.c --- */
void xml_text(struct buf *b, const char *text);
bool on_xfer(struct session *s, const char *p);
bool on_file(struct session *s, const char *p);
bool on_monitor(struct session *s, const char *p);

#endif

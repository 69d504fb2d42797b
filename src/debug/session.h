/* A debugging session, shared by the files that answer packets. */
#ifndef DEBUG_SESSION_H
#define DEBUG_SESSION_H

#include "base/mem.h"
#include "debug/agent.h"
#include "debug/console.h"
#include "debug/packet.h"
#include "debug/server.h"

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

enum proc_state {
	PROC_LIVE,  /* the client has it */
	PROC_ENDED, /* the client was told of its end, and gets it back where that is gone back over */
	PROC_LEFT,  /* the client has detached from it; only its children may matter */
};

/* A process of the recording that the client has to do with. */
struct proc {
	int32_t tgid, parent; /* recorded; parent 0: the session began with it */
	enum proc_state state;
	uint64_t born; /* the event that made it */
	bool vforks;   /* the client waits for the end of a vfork of its */
	bool unknown;  /* live, but the client has not heard of it yet, or of its end last */
	bool silent;   /* ended in the jump that is under way: the client may not need to hear of that */
};

/* Processes of which the client wants to hear what happens in them. */
struct resumed {
	bool all;
	VEC(int32_t) tgids;
};

struct session {
	const struct server_options *opt;
	struct timeline *tl;
	struct replay *r;
	struct wire wire;
	struct buf in, out; /* the packet being answered, and the answer */
	VEC(struct proc) procs;
	struct resumed resumed;
	int32_t tgid;	 /* recorded process of g, m, Z, ...; */
	int32_t general; /* and task, 0: the process is not there */
	int32_t told;	 /* task of the last stop that the client was told of */
	int32_t gone; /* this process is not there any more, the client was told so in place of the stop; or 0
		       */
	int32_t files_of; /* process whose files vFile opens; 0: that of `general` */
	bool hears_forks, hears_vforks, hears_execs;
	bool multiprocess;    /* the client knows that a task's name has its process's number before it */
	bool lldb;	      /* the client is lldb: signals have the numbers of Linux, exits are ends */
	bool suffix;	      /* requests for registers may end with the name of their task, */
	bool lists_threads;   /* and stop replies with the names of all */
	bool introduced;      /* a process was made known to the client, which is to stop then */
	int32_t resume;	      /* that Hc chose; 0: any */
	struct stop stop;     /* the last one */
	struct stop diverted; /* the last one of the diversion, if there is one */
	int32_t caller;	      /* task whose registers say that it is to run something else */
	int32_t stood;	      /* task that seems to have made a step, 0: none; */
	uint64_t stood_at;    /* its rip before that */
	bool wrote;	      /* memory has been written in it, and nothing has run since */
	bool backwards;	      /* the last request was */
	bool ended;	      /* the client said goodbye */
	uint64_t shown;	      /* events up to here have shown their output, */
	bool showing;	      /* and this is the first time that the last of them does */
	struct console console;
	uint8_t pass[32]; /* signals that need not stop: bit n */
	bool prints;	  /* breakpoints' commands take effect */
	VEC(struct breakpoint) breaks;
	struct buf xfer;    /* the object that is being read, */
	char xfer_name[64]; /* and its name */
	int files[1024];    /* of vFile, -1: free */
	bool local_files;   /* the client opens files of this machine, but names that begin with "target:" */
	VEC(struct known_file) known;
};

/* A kind of packets. */
struct packet {
	const char *start;
	bool (*answer)(struct session *s, const char *p);
	bool whole; /* nothing follows but ; and : and what they separate */
};
/* lldb.c: lldb's own. The last one has no name. */
extern const struct packet lldb_packets[];

/* Answer the packet in s->in: the answer is in s->out. False: there is none. */
bool session_answer(struct session *s);

/* --- procs.c: processes that the client has --- */
/* NULL: it has nothing to do with that one. Good until another is added or removed. */
struct proc *procs_find(struct session *s, int32_t tgid);
bool procs_live(struct session *s, int32_t tgid);
/* How many it has. */
unsigned procs_count(const struct session *s);
/* It gets one, which `parent` made in event `born`. */
void procs_attach(struct session *s, int32_t tgid, int32_t parent, uint64_t born);
void procs_detach(struct session *s, int32_t tgid);
void procs_forget(struct session *s, int32_t tgid);
/* A task of the process: its leader where that lives. 0: it is not there. */
int32_t procs_task(struct session *s, int32_t tgid);
/* Is it one that the client knows, or does it know none? */
bool procs_listed(struct session *s, int32_t tgid);
/* Tasks that the client may see, in the order of their ids: as a rule that in which they were made, so that
 * gdb numbers threads in it. Appended to *out. */
typedef VEC(struct task_view) task_list;
void procs_tasks(struct session *s, task_list *out);
/* One that the client does not know yet, or NULL. */
struct proc *procs_unknown(struct session *s);
/* One that the client has though it is not there, or NULL. */
struct proc *procs_lost(struct session *s);
/* The task that g, m, ... are of: `tid` if its process is the client's, else one that is. */
void procs_choose(struct session *s, int32_t tid);
/* The replay has jumped: which processes does the client have there? If none of those it had, the one that
 * its current one comes from. False: none at all. */
bool procs_settle(struct session *s);
/* The jump, of one or several such steps, is over. */
void procs_settled(struct session *s);
bool procs_any_resumed(struct session *s);
void resumed_add(struct resumed *r, int64_t tgid);
bool resumed_has(const struct resumed *r, int32_t tgid);
/* `with` takes the place of *r; keep: with what *r had besides. */
void resumed_replace(struct resumed *r, struct resumed *with, bool keep);

/* A sum over the processes that the client has and resumes. */
uint64_t procs_key(const struct session *s);

/* --- reply.c --- */
/* The answer to a stop. */
void stop_reply(struct session *s);
/* The current process has executed what it executes. */
void exec_reply(struct session *s);
/* It is where it is. */
void plain_reply(struct session *s);
/* What the client calls a signal: gdb has numbers of its own. */
unsigned client_signal(const struct session *s, int sig);
/* The name of a task, as the client knows such names. */
void put_task(const struct session *s, struct buf *b, int32_t tgid, int32_t tid);
/* Why one task has stopped, of which the last stop may not have been. */
void task_reply(struct session *s, int32_t tid);

/* --- run.c: what makes the program go on --- */
/* To the exec of the process that is to be debugged. 0 or -1. */
int session_begin(struct session *s);
/* The client lets these processes go on next, or back; *r becomes the session's. */
void session_resumes(struct session *s, struct resumed *r);
bool on_resume(struct session *s, const char *p);
bool on_back(struct session *s, const char *p);
bool on_vcont(struct session *s, const char *p);
/* The replay has jumped to where s->stop says. */
void session_arrived(struct session *s);
/* Go to a position as if a client had stopped there. */
void session_seek(struct session *s, const struct position *p);
bool session_interrupted(void *ctx);
/* Has the user typed ^C since the last look? */
bool session_typed_interrupt(const struct session *s);
/* Has the client gone? */
bool session_gone(void *ctx);

#define GDB_SIGINT 2
#define GDB_SIGTRAP 5

/* --- places.c --- */
/* The position that a user means: a position as text, N%, SECONDSs, a time of day, a bookmark. 0 or -1. */
int session_place(struct session *s, const char *text, struct position *p);
/* Begin there. 0 or -1. */
int session_start_at(struct session *s, const char *text);
#define CLOCK_TEXT 80
/* When an event was recorded, in the zone of the recorded machine: 2026-01-31 14:15:16.123 */
void session_clock(struct session *s, uint64_t event, char out[CLOCK_TEXT]);

/* --- lastwrite.c --- */
struct last_write {
	uint64_t addr, len;
	struct expression condition; /* that is to hold right after the change; len 0: none */
};
struct last_written {
	bool there, none;  /* it is before such a change; or there is none, and it is where it was */
	uint8_t after[64]; /* the first bytes behind the change, */
	size_t n;	   /* and how many */
	unsigned failed;   /* so often the condition could not be evaluated, */
	char why[160];	   /* the last time because of this */
};
/* Go back to before the last change of the bytes after which the condition held. 0 or -1. */
int session_last_write(struct session *s, const struct last_write *w, struct last_written *found);

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
/* Forget break- and watchpoints of a process. */
void breaks_forget(struct session *s, int32_t tgid);
void breaks_free(struct session *s);
/* The same while the client has the same breakpoints, conditions, watchpoints and catchpoints. */
uint64_t breaks_key(const struct session *s);

/* --- libraries.c: objects about the program's files, in s->xfer --- */
void make_exec_file(struct session *s);
void make_libraries(struct session *s);
/* Address of the word of the program in which the dynamic linker says where its list is; 0: a static one. */
uint64_t libraries_word(struct session *s);
/* Are the program and its dynamic linker those of this machine? */
bool libraries_same(struct session *s);
void libraries_free(struct session *s);

/* --- procfiles.c --- */
bool proc_is(const char *name);
/* Open a file of a recorded process: maps. A descriptor that the caller closes, or -1 and errno. */
int proc_open(struct session *s, const char *name);
/* What the link says: exe. NULL: there is none; owned by the replay. */
const char *proc_link(struct session *s, const char *name);

/* --- xfer.c, files.c, monitor.c --- */
bool on_xfer(struct session *s, const char *p);
bool on_file(struct session *s, const char *p);
bool on_monitor(struct session *s, const char *p);

#endif

/* libreprise-interpose: have a say in the system calls of a program.
 *
 * Every system call of a traced task (a thread) is a start, a call and an exit. A client says which calls it
 * wants to hear of; all others cost the program nothing. At the start of a call that it wants, the client
 * looks at the arguments and chooses: the call runs and its exit is reported; the call runs and that is all;
 * the call does not run, and the client supplies its result. docs/library.md has complete examples.
 *
 * There is no global state (but for constant tables, and error texts of a thread). An interposition (struct reprise) belongs to the thread that made it: that thread
 * alone may use it, except for reprise_ask_end, and it should have no other children, which reprise_run would
 * wait for. Several threads may have one each. x86-64 Linux 5.10 or later. Out of memory ends the process.
 *
 * Functions that return int give 0, or -1 with a reason that reprise_error tells, unless they say otherwise.
 * The library never prints. */
#ifndef REPRISE_INTERPOSE_H
#define REPRISE_INTERPOSE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REPRISE_API __attribute__((visibility("default")))

struct reprise;		 /* one interposition: its tasks, and a chain of clients */
struct reprise_client;	 /* who hears of calls */
struct reprise_task;	 /* a traced thread; the pointer is good until its `died` handler has returned */
struct user_regs_struct; /* <sys/user.h> */

/* --- calls --- */

/* What happens to a call. The number of stops of the task is its cost: 4 to 8 us each. */
enum reprise_disposition {
	REPRISE_RUN,	  /* run it; nobody hears of its exit: 1 stop */
	REPRISE_RUN_EXIT, /* run it, and call the `exit` handler: 2 stops */
	REPRISE_SKIP	  /* do not run it: `result` is its result: 1 stop */
};

struct reprise_call {
	struct reprise_task *task;
	int64_t nr;	  /* SYS_openat, ... */
	uint64_t args[6]; /* `start` may change number and arguments */
	int64_t result;	  /* or -errno. `start` supplies it with REPRISE_SKIP; `exit` may change it */
	uint64_t ip, sp;  /* behind the call's instruction; the stack pointer */
	int ended;	  /* not 0 in the `exit` handler */
};

/* How a task came. */
enum reprise_birth {
	REPRISE_STARTED,  /* by reprise_start */
	REPRISE_ATTACHED, /* by reprise_attach */
	REPRISE_FORK,
	REPRISE_VFORK,
	REPRISE_CLONE /* clone or clone3: a thread, or a process that shares something with its parent */
};

/* All handlers may be NULL, but `start` if the client wants any calls. `state` is that of reprise_add. */
struct reprise_handlers {
	size_t size; /* sizeof(struct reprise_handlers) */
	/* A call that the client wants is about to run. */
	enum reprise_disposition (*start)(void *state, struct reprise_call *call);
	/* A call has ended for which this client's `start` has answered REPRISE_RUN_EXIT. */
	void (*exit)(void *state, struct reprise_call *call);
	/* `parent` is NULL where the task was started or attached to. */
	void (*began)(void *state, struct reprise_task *task, struct reprise_task *parent,
		      enum reprise_birth how);
	/* The task executes another program. `former` is the thread number that it had before: another one
	 * where a thread that is not the first of its process calls exec. */
	void (*execed)(void *state, struct reprise_task *task, pid_t former);
	/* Signal `sig` is about to be delivered; `info` is its siginfo_t. The signal to deliver in its place,
	 * or 0 for none. */
	int (*signal)(void *state, struct reprise_task *task, int sig, const void *info);
	/* The task's process has been stopped by `sig` (job control), until SIGCONT comes. */
	void (*stopped)(void *state, struct reprise_task *task, int sig);
	/* The task is about to end with `status` (of waitpid); its memory is still there. */
	void (*exiting)(void *state, struct reprise_task *task, int status);
	/* The task is gone. `status` is that of waitpid, or -1 where the exec of another thread has ended it.
	 */
	void (*died)(void *state, struct reprise_task *task, int status);
	/* A signal of this process itself has interrupted the wait. */
	void (*idle)(void *state);
};

/* --- the whole --- */

enum reprise_flag {
	/* New threads and processes are not traced. Then all calls stop, wanted or not, at start and exit. */
	REPRISE_NO_FOLLOW = 1
};

/* `flags`: enum reprise_flag. Never NULL. reprise_free ends it; started programs that still run are killed,
 * attached ones go on. */
REPRISE_API struct reprise *reprise_new(unsigned flags);
REPRISE_API void reprise_free(struct reprise *r);
/* Why the last function failed. Good until the next one fails. */
REPRISE_API const char *reprise_error(const struct reprise *r);

/* Add a client behind the others of the chain, before anything is started or attached to. Starts are told from
 * the first client to the last, exits from the last to the first. Where one skips a call, those behind it
 * do not hear of it, and those before it that wanted the exit get the result. NULL where there are 64
 * already. The client is the interposition's. */
REPRISE_API struct reprise_client *reprise_add(struct reprise *r, const struct reprise_handlers *h,
					       void *state);
/* The client wants to hear of these calls as well: names, and %file, %desc, %network, %process, %signal,
 * %memory, ..., between commas; "all"; "!SET": all others. A client that is just added wants none. */
REPRISE_API int reprise_want(struct reprise_client *c, const char *set);
REPRISE_API void reprise_want_call(struct reprise_client *c, int64_t nr);

/* Start a program: argv[0] is looked up in PATH where it has no '/'. Its exec is the first call of which
 * clients hear. `in_child`, which may be NULL, is called in the new process before that, and may
 * call async-signal-safe functions only. The process, which runs when reprise_run is called; or -1. */
REPRISE_API pid_t reprise_start(struct reprise *r, char *const argv[], void (*in_child)(void *arg),
				void *arg);
/* Attach to all threads of a process. All its calls stop, at start and exit, wanted or not. */
REPRISE_API int reprise_attach(struct reprise *r, pid_t pid);
/* Call the handlers until no task is left, or reprise_ask_end has been called: started programs are killed
 * then, attached ones go on without us. Fails also where the program's exec has failed. */
REPRISE_API int reprise_run(struct reprise *r);
/* Let reprise_run return. From a handler, another thread or a signal handler. From another thread, wake
 * the one that waits with a signal that has a handler, again until it has returned. */
REPRISE_API void reprise_ask_end(struct reprise *r);
/* After reprise_run: the status of waitpid of the process that was started or attached to first, or -1. */
REPRISE_API int reprise_status(const struct reprise *r);

enum reprise_counter {
	REPRISE_STOPS,	/* of tasks, of all kinds */
	REPRISE_STARTS, /* starts of calls that clients wanted */
	REPRISE_EXITS	/* exits that they wanted, with a stop */
};
REPRISE_API uint64_t reprise_count(const struct reprise *r, enum reprise_counter what);

/* --- tasks: in handlers only --- */

REPRISE_API pid_t reprise_tid(const struct reprise_task *t);
/* Its process. */
REPRISE_API pid_t reprise_pid(const struct reprise_task *t);
/* One pointer a task for whatever clients want; NULL at first. Clients of one chain share it. */
REPRISE_API void reprise_set_data(struct reprise_task *t, void *data);
REPRISE_API void *reprise_data(const struct reprise_task *t);

/* Bytes read; fewer where memory is unreadable. */
REPRISE_API size_t reprise_read(const struct reprise_task *t, uint64_t addr, void *out, size_t n);
/* A string, always with a NUL at its end in `out`. Its length, at most size - 1; -1 where it is not readable. */
REPRISE_API ssize_t reprise_read_string(const struct reprise_task *t, uint64_t addr, char *out, size_t size);
/* 0 or -errno. Writes through the program's page protection, as a debugger does. */
REPRISE_API int reprise_write(const struct reprise_task *t, uint64_t addr, const void *data, size_t n);
/* 0 or -errno. At the start of a call, orig_rax and rax are the library's: change reprise_call instead. */
REPRISE_API int reprise_regs(const struct reprise_task *t, struct user_regs_struct *out);
REPRISE_API int reprise_set_regs(struct reprise_task *t, const struct user_regs_struct *regs);
/* From `start` and `exit`: let the task make a call of ours first, one that makes no task and executes no
 * program. Its result or -errno. No client hears of it; the program's own call and registers are as before.
 * -ESRCH also where the task has died of it, -EOPNOTSUPP where its call was not made by `syscall`, and at the exit
 * of exec. 2 to 3 stops. */
REPRISE_API int64_t reprise_inject(struct reprise_task *t, int64_t nr, const uint64_t args[6]);
/* What descriptor `fd` (or AT_FDCWD) leads to, as /proc/PID/fd says. 0 or -errno. */
REPRISE_API int reprise_fd_path(const struct reprise_task *t, int fd, char *out, size_t size);

/* --- what calls mean --- */

/* NULL where there is no such call. */
REPRISE_API const char *reprise_name(int64_t nr);
/* -1 where there is no such call. */
REPRISE_API int64_t reprise_number(const char *name);

/* The call as strace prints it, cut off like snprintf does: the length that it would have. In `start`: what
 * is known before the call runs, like `read(3, `; in `exit`: all, like `read(3, "abc", 10) = 3`. The exit goes on
 * from what the start has shown, if it was called there; else it reads all arguments as they are then, and exec has
 * another memory then. `out` may be NULL with a size of 0. */
REPRISE_API int reprise_decode(const struct reprise_call *c, char *out, size_t size);

enum reprise_arg_kind {
	REPRISE_VALUE,	/* a number, flags, an address that the kernel does not follow */
	REPRISE_FD,	/* a descriptor */
	REPRISE_DIRFD,	/* one that a path is relative to, or AT_FDCWD */
	REPRISE_PATH,	/* a path in memory */
	REPRISE_STRING, /* another string that ends with NUL */
	REPRISE_STRINGS, /* an array of strings that ends with NULL */
	REPRISE_IN,	 /* `size` bytes that the kernel reads */
	REPRISE_OUT,	 /* `size` bytes that it writes */
	REPRISE_INOUT,	 /* both */
	REPRISE_VECTOR,	 /* struct iovec[] */
	REPRISE_MESSAGE	 /* struct msghdr, or mmsghdr[] */
};

struct reprise_arg {
	enum reprise_arg_kind kind;
	uint64_t value;
	size_t size; /* of REPRISE_IN, OUT, INOUT. OUT: in `start` the room, in `exit` what was written */
};

/* How many arguments the call has. */
REPRISE_API int reprise_args(int64_t nr);
/* Argument `i`, from 0. 0, or -EINVAL where the call has no such argument. */
REPRISE_API int reprise_arg(const struct reprise_call *c, int i, struct reprise_arg *out);
/* The absolute path that argument `i` names: a path, joined to the directory that it is relative to, or a
 * descriptor. Links and ".." are not resolved. Another thread of the program may change the path before
 * the kernel reads it. 0 or -errno. */
REPRISE_API int reprise_path(const struct reprise_call *c, int i, char *out, size_t size);

#ifdef __cplusplus
}
#endif

#endif

/* System calls as text, as strace prints them, from their rows. */
#ifndef ABI_PRINT_H
#define ABI_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/sysrow.h"
#include "base/buf.h"

#define PRINT_ARGS 8

/* Where memory comes from, and how things are shown. Zeroed but for `read` it is what strace does without
 * options. */
struct print_how {
	/* The caller's memory: bytes read, from `addr` on; fewer where it is not known. `out`: memory that
	 * the call has written, else what it read. */
	size_t (*read)(void *ctx, uint64_t addr, bool out, void *to, size_t n);
	/* Append what follows the number of descriptor `fd`, like "</etc/passwd>"; may be NULL. */
	void (*fd)(void *ctx, struct buf *b, int fd);
	void *ctx;
	uint64_t sp;   /* the stack pointer at the call's start; 0: not known */
	unsigned text; /* bytes of a string that are shown, at most; 0: 32 */
	bool verbose;  /* structures and environments in full */
	unsigned hex;  /* 1: strings that are no text, 2: all strings, in hexadecimal */
};

/* A call whose text is being made, first by print_start and then by print_exit. */
struct printed_call {
	const struct print_how *how;
	int64_t nr;
	uint64_t args[6];
	int64_t result;
	bool exit;	/* the result is known */
	int at;		/* the next argument */
	bool separated; /* ", " stands before it already */
	uint32_t room;	/* of a buffer whose length stands in memory, at the start */
	unsigned n;	/* arguments so far; end[i]: where the text of argument i ends in the buffer */
	size_t end[PRINT_ARGS];
};

/* Append "name(" and the arguments that are known before the call runs. `c` keeps what print_exit needs;
 * `how` must stay where it is until then. */
void print_start(struct printed_call *c, const struct print_how *how, struct buf *b, int64_t nr,
		 const uint64_t args[6]);
/* Has print_start shown all arguments? */
bool print_complete(const struct printed_call *c);
/* Append the other arguments and ")". `b` may be the same buffer, or another where the line is begun anew. */
void print_exit(struct printed_call *c, struct buf *b, int64_t result);
/* Append "name(arguments)" to `b`; `result` tells how much of the memory was written. */
void print_call(const struct print_how *how, struct buf *b, int64_t nr, const uint64_t args[6],
		int64_t result);
/* How many bytes a memory argument `s` of the call has; c->result counts where the row says so. */
size_t print_bytes_of(const struct printed_call *c, const struct arg_spec *s);
/* Append the result: " = 3", " = -1 ENOENT (No such file or directory)", and what strace says behind it. */
void print_result(struct buf *b, int64_t nr, int64_t result);
/* The same for a call that print_exit has printed: with descriptors, flags, and what poll and select found.
 */
void print_call_result(struct printed_call *c, struct buf *b);
/* "SIGSEGV"; "SIG77" for numbers without a name. The buffer is the module's. */
const char *signal_name(int sig);
/* "ENOENT" or NULL. */
const char *errno_name(int e);
/* "{si_signo=SIGCHLD, si_code=CLD_EXITED, ...}" of the 128 bytes of a siginfo_t. */
void print_siginfo(struct buf *b, const void *si);
/* printf into a buffer. */
void print_text(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif

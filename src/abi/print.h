/* System calls as text, as strace prints them, from their rows. */
#ifndef ABI_PRINT_H
#define ABI_PRINT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Memory as the trace knows it: bytes of the caller's memory at `addr` that the call
 * read (`out` false) or wrote (true). Bytes available, 0 when unknown; *data is set. */
struct print_memory {
	size_t (*get)(void *ctx, uint64_t addr, int out, const uint8_t **data);
	void *ctx;
};

/* Append "name(arguments)" to `b`. */
void print_call(struct buf *b, int64_t nr, const uint64_t args[6], const struct print_memory *mem);
/* Append the result: " = 3", " = -1 ENOENT (No such file or directory)". */
void print_result(struct buf *b, int64_t nr, int64_t result);
/* "SIGSEGV"; "SIG77" for numbers without a name. The buffer is the module's. */
const char *signal_name(int sig);
/* "ENOENT" or NULL. */
const char *errno_name(int e);
/* printf into a buffer. */
void print_text(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif

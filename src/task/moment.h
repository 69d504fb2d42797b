/* What a moment of a computation looks like: registers, the memory that they point to, and sums
 * of all memory. Where a task is interrupted in code that counts nothing, this is how replay
 * knows the moment again: the state that has the same registers and the same memory is the same
 * state, whatever led to it. */
#ifndef TASK_MOMENT_H
#define TASK_MOMENT_H

#include "base/buf.h"
#include "base/mem.h"
#include "task/mapping.h"
#include "task/ptrace.h"

#define MOMENT_SUMS 1024 /* parts of memory, each with a sum of its own */
#define MOMENT_WORDS 64	 /* of memory that changes all the time, at most */
#define MOMENT_WINDOWS (16 + MOMENT_WORDS)

/* Memory that a register points to, as it was. */
struct moment_window {
	uint64_t addr;
	uint32_t len;
	const uint8_t *data; /* not owned */
};

struct moment {
	struct moment_window windows[MOMENT_WINDOWS];
	unsigned n;
	const uint8_t *sums; /* MOMENT_SUMS of 8 bytes, little endian; not owned */
};

/* Sums of the memory of `tid` that it can write: private pages that it has written, and shared
 * mappings. 0; -EFBIG: more is shared than can be summed; or -errno. */
int moment_sums(pid_t tid, const struct space *sp, uint64_t sums[MOMENT_SUMS]);
/* One of these sums alone. */
int moment_part(pid_t tid, const struct space *sp, unsigned part, uint64_t *sum);
/* Add what the task, stopped with registers `r`, looks like to `out`; `words` are
 * addresses that tell moments apart where the registers do not. 0 or as moment_sums. */
int moment_take(pid_t tid, const struct space *sp, const regs_t *r, const uint64_t *words, unsigned nwords,
		struct buf *out);
/* The windows alone, their number first. */
void moment_look(pid_t tid, const struct space *sp, const regs_t *r, const uint64_t *words, unsigned nwords,
		 struct buf *out);
/* Read it; `m` points into the bytes. 0, or -1: malformed. */
int moment_read(const uint8_t *blob, size_t len, struct moment *m);
/* Are two extended states (task/ptrace.h) the same, but for what says which components are in
 * use, and where the x87's last instruction was? */
bool moment_same_xstate(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len);
/* The flags that belong to a state: RF and TF come and go with traps. */
#define MOMENT_FLAGS 0x240cd5ull

#endif

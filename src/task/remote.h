/* System calls that a stopped task makes for us. */
#ifndef TASK_REMOTE_H
#define TASK_REMOTE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "task/ptrace.h"

struct remote_call {
	int64_t nr;
	uint64_t args[6];
	int64_t result;
};

/* At record signals are kept from the task meanwhile; at replay there are none. */
enum remote_mode { REMOTE_RECORD, REMOTE_REPLAY };

/* Run `n` calls (at most RUNTIME_BATCH_MAX) in the runtime's batch loop. The task
 * must be stopped, outside any call that is still to run, with the runtime mapped;
 * its registers and signal mask are as before afterwards. Results are in the
 * calls, as the kernel returns them. 0, or -errno (-ESRCH: the task died). */
int remote_batch(pid_t tid, struct remote_call *calls, unsigned n, enum remote_mode mode);

/* One call. Its result, or -errno; *dead is set when the task died. */
int64_t remote_one(pid_t tid, enum remote_mode mode, int64_t nr, uint64_t a, uint64_t b, uint64_t c,
		   uint64_t d, uint64_t e, uint64_t f);

/* One call at an existing `syscall` instruction at `ip`, for a record-side task in
 * which the runtime is not mapped yet. */
int remote_at(pid_t tid, uint64_t ip, struct remote_call *c);

/* Let `tid`, in which the runtime's code is mapped, map its data pages from the file that
 * the string at `path` in its memory names (0: from its descriptor `fd`, which is closed), and close
 * its descriptor `close_fd` (-1: none).
 * `fixed`: replace what is mapped there. 0, or -errno. */
int remote_boot(pid_t tid, uint64_t path, int fd, int close_fd, bool fixed);

#endif

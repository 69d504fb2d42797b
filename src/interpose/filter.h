/* The seccomp filters that make a tracee's system calls stop it. */
#ifndef INTERPOSE_FILTER_H
#define INTERPOSE_FILTER_H

#include <linux/filter.h>
#include <stdint.h>

#include "interpose/chain.h"

/* Install it in the calling thread. Calls made by the runtime's own code below
 * RUNTIME_TRACED pass. Calls that are not 64-bit ones (int $0x80) raise SIGSYS, whose
 * siginfo names the architecture. 0 or -errno. */
int filter_install(void);

/* The filter that stops the calls of a mask (interpose/chain.h), and lets all others pass. Of calls that the
 * kernel answers without looking at arguments it keeps the answer, so those that pass cost next to nothing.
 * Calls of other instruction sets (int $0x80) pass. `code` has room for FILTER_MASK_MAX instructions; how
 * many there are. */
#define FILTER_MASK_MAX (4 * SYS_MAX)
unsigned filter_of_mask(const struct call_mask *mask, struct sock_filter *code);
/* Install a filter of `n` instructions in the calling thread. 0 or -errno. Async-signal-safe. */
int filter_set(struct sock_filter *code, unsigned n);

/* The program's own filters never run in the kernel, where they would see the calls of the runtime
 * and the recorder as well. The recorder runs them (interpose/bpf.h) at a stopped call of the
 * program. What the kernel alone can do about the answer, it does: the recorder resumes the call
 * with an instruction pointer that no program can have, and the filters run again
 * (__seccomp_filter, kernel/seccomp.c).
 * High word FILTER_VERDICT: the low word is the answer. */
#define FILTER_VERDICT 0x5e110000u
/* High word FILTER_NOTIFY + i: the listener of the stand-in number i is notified; the low word is
 * the recorder's own, and shows in what the listener gets. */
#define FILTER_NOTIFY 0x5e200000u
#define FILTER_LISTENERS 0x000fffffu /* as many stand-ins with listeners can there be */

/* What is installed in place of a filter of the program's, so that the kernel checks it, counts it and
 * hands it on as the program expects: `code`, n instructions with room for BPF_MAXINSNS, gets a
 * beginning that answers ALLOW, or notifies listener number `listener` (0: none). The new length. */
unsigned filter_stand_in(struct sock_filter *code, unsigned n, uint32_t listener);

#endif

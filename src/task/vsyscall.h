/* Calls through the vsyscall page, which old static programs make: the kernel emulates them at
 * the page fault, and shows them to seccomp first (arch/x86/entry/vsyscall/vsyscall_64.c). */
#ifndef TASK_VSYSCALL_H
#define TASK_VSYSCALL_H

#include <stdbool.h>

#include "task/ptrace.h"

/* Time, gettimeofday and getcpu stand at multiples of 1 KiB of one page. */
static inline bool in_vsyscall(const regs_t *r)
{
	return (r->rip & ~0xc00ull) == 0xffffffffff600000ull;
}

/* From the seccomp stop of such a call to where it returns, without it being made. There the
 * registers, in *r, may be changed, as not before; orig_rax is the call's number. 0; 1: the
 * task has stopped or ended otherwise, *status says how; -errno. */
int vsyscall_leave(pid_t tid, regs_t *r, int *status);

#endif

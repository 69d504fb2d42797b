/* Calls through the vsyscall page, which old static programs make: the kernel emulates them at
 * the page fault, and shows them to seccomp first (arch/x86/entry/vsyscall/vsyscall_64.c). */
#ifndef TASK_VSYSCALL_H
#define TASK_VSYSCALL_H

#include <stdbool.h>
#include <sys/syscall.h>

#include "task/ptrace.h"

#define VSYSCALL_PAGE 0xffffffffff600000ull

/* Time, gettimeofday and getcpu stand at multiples of 1 KiB of one page. */
static inline bool in_vsyscall(const regs_t *r)
{
	return (r->rip & ~0xc00ull) == VSYSCALL_PAGE;
}

/* Where the page holds call `nr`, one of the three. */
static inline uint64_t vsyscall_address(int64_t nr)
{
	return VSYSCALL_PAGE + (nr == SYS_gettimeofday ? 0 : nr == SYS_time ? 0x400 : 0x800);
}

/* From the seccomp stop of such a call to where it returns, without it being made. There the
 * registers, in *r, may be changed, as not before; orig_rax is the call's number. 0; 1: the
 * task has stopped or ended otherwise, *status says how; -errno. */
int vsyscall_leave(pid_t tid, regs_t *r, int *status);

#endif

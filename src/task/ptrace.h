/* ptrace, one small function per request. Each returns 0 or -errno; -ESRCH means
 * that the task was killed meanwhile, which every caller must expect. */
#ifndef TASK_PTRACE_H
#define TASK_PTRACE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

typedef struct user_regs_struct regs_t;

/* Stops of tracees need not send SIGCHLD to a tracer that waits for them anyway. */
void pt_quiet_stops(void);
int pt_seize(pid_t tid, unsigned long options);
int pt_getregs(pid_t tid, regs_t *r);
int pt_setregs(pid_t tid, const regs_t *r);
/* The flag by which the kernel makes a task step. It shows it in none of the registers, but for r11 where
 * the step made a `syscall` instruction, and in what pushf stores. */
#define STEP_FLAG 0x100ull /* TF */
/* A task has stopped with registers *r at the start of a call. If a step has brought it there, take that flag
 * out of r11. Was it there? */
bool pt_hide_step(regs_t *r);
/* Resume with `request` (PTRACE_CONT, PTRACE_SYSCALL, ...) and signal `sig` or 0. */
int pt_resume(int request, pid_t tid, int sig);
int pt_siginfo(pid_t tid, siginfo_t *si);
int pt_set_siginfo(pid_t tid, const siginfo_t *si);
int pt_event_msg(pid_t tid, unsigned long *msg);
int pt_sigmask(pid_t tid, uint64_t *mask);
int pt_set_sigmask(pid_t tid, uint64_t mask);

/* Is the task in the stop that seccomp makes before a call? It is there too after calls that it made for
 * us (task/remote.h), and when the call is skipped. */
bool pt_at_call_start(pid_t tid);

#define XSTATE_MAX 16384
/* The extended state (NT_X86_XSTATE) in the standard format. Bytes, or -errno. */
ssize_t pt_xstate(pid_t tid, void *out, size_t cap);
int pt_set_xstate(pid_t tid, const void *in, size_t len);

/* The PTRACE_EVENT_* of a wait status, or 0. */
static inline int pt_event(int status)
{
	return status >> 16;
}

/* Read memory: bytes read; short where it is unreadable. No error text. */
size_t mem_read(pid_t tid, uint64_t addr, void *out, size_t len);
/* Write memory, read-only pages included (they are copied first). 0 or -errno. */
int mem_write(pid_t tid, uint64_t addr, const void *data, size_t len);

#endif

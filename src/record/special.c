/* What single calls need beyond what their row says. */
#include "record/session.h"

#include <asm/prctl.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <string.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "record/taskfd.h"
#include "base/err.h"
#include "task/proc.h"

static enum disposition skip(struct call *c, int64_t result)
{
	c->result = result;
	return DISP_SKIP;
}

/* A command that nothing describes, or one that cannot be recorded at all. */
static enum disposition start_command(struct recorder *s, struct rtask *t, struct call *c)
{
	const char *why = NULL;
	if (abi_refused(c->nr, c->args))
		why = "what it starts changes memory at any time";
	else if (abi_undescribed(c->nr, c->args) && undescribed_start(s, t, c))
		why = "nothing says what it writes, and the program's memory cannot be read";
	if (!why)
		return DISP_CALL_EXIT;
	undescribed_refuse(s, t, c, why);
	return skip(c, abi_refusal(c->nr));
}

/* prctl operations that the recorder answers itself, with a fixed result. */
static const struct {
	int op;
	int64_t result;
} prctl_answers[] = {
	/* It would take from the recorder what it needs of the task. */
	{59 /* PR_SET_SYSCALL_USER_DISPATCH */, -EINVAL},
};

static enum disposition start_prctl(struct recorder *s, struct rtask *t, struct call *c)
{
	int op = (int)c->args[0];
	for (size_t i = 0; i < ARRAY_LEN(prctl_answers); i++) {
		if (prctl_answers[i].op == op)
			return skip(c, prctl_answers[i].result);
	}
	switch (op) {
	case PR_SET_TSC: /* rdtsc traps for the recorder, which always answers it */
		if (c->args[1] != PR_TSC_ENABLE && c->args[1] != PR_TSC_SIGSEGV)
			return skip(c, -EINVAL);
		t->tsc_traps = c->args[1] == PR_TSC_SIGSEGV;
		return skip(c, 0);
	case PR_SET_DUMPABLE:
		/* A task that is not dumpable hides its memory from an unprivileged
		 * recorder (ptrace_access_vm, kernel/ptrace.c). */
		if (c->args[1] > 1)
			return skip(c, -EINVAL);
		t->proc->dumpable = (int)c->args[1];
		return skip(c, 0);
	case PR_GET_DUMPABLE:
		return skip(c, t->proc->dumpable);
	case PR_SET_NO_NEW_PRIVS:
		if (c->args[1] == 1 && !c->args[2] && !c->args[3] && !c->args[4])
			t->no_new_privs = true;
		return DISP_CALL_EXIT;
	case PR_GET_NO_NEW_PRIVS:
		return s->own_nnp && !c->args[1] ? skip(c, t->no_new_privs) : DISP_CALL_EXIT;
	case PR_GET_SECCOMP:
		return skip(c, t->filter ? SECCOMP_MODE_FILTER : SECCOMP_MODE_DISABLED);
	case PR_SET_SECCOMP:
		return ownfilter_start(s, t, c);
	}
	return start_command(s, t, c);
}

static enum disposition start_arch_prctl(struct call *c)
{
	switch (c->args[0]) {
	case ARCH_SET_FS:
	case ARCH_GET_FS:
	case ARCH_SET_GS:
	case ARCH_GET_GS:
	case 0x1021: /* ARCH_GET_XCOMP_SUPP */
	case 0x1022: /* ARCH_GET_XCOMP_PERM */
		return DISP_CALL_EXIT;
	case 0x1011: /* ARCH_GET_CPUID: enabled, whatever the recorder did */
		return skip(c, 1);
	case 0x1012: /* ARCH_SET_CPUID: as on a CPU that cannot */
		return skip(c, -ENODEV);
	}
	return skip(c, -EINVAL);
}

/* Fork and its kin: remember what the new task will need. CLONE_UNTRACED would
 * make the kernel start it without us. */
static enum disposition start_clone(struct rtask *t, struct call *c)
{
	memset(&t->clone, 0, sizeof(t->clone));
	if (c->nr == SYS_vfork) {
		t->clone.flags = CLONE_VM | CLONE_VFORK;
	} else if (c->nr == SYS_clone) {
		t->clone.flags = c->args[0];
		t->clone.ptid = t->clone.pidfd = c->args[2];
		t->clone.ctid = c->args[3];
		c->args[0] &= ~(uint64_t)CLONE_UNTRACED;
	} else if (c->nr == SYS_clone3) {
		uint64_t a[4] = {0};
		if (mem_read(t->tid, c->args[0], a, sizeof(a)) != sizeof(a))
			return DISP_CALL_EXIT;
		if (a[0] & CLONE_UNTRACED)
			return skip(c, -EINVAL);
		t->clone.flags = a[0];
		t->clone.pidfd = a[1];
		t->clone.ctid = a[2];
		t->clone.ptid = a[3];
	}
	return DISP_CALL_EXIT;
}

static enum disposition start_memory(struct recorder *s, struct rtask *t, struct call *c)
{
	/* The recorder would have to read it. Servers may refuse to have their files mapped as well. */
	if (c->nr == SYS_mmap && !(c->args[3] & MAP_ANONYMOUS) && served_file(s, t, (int)c->args[4]))
		return skip(c, -ENODEV);
	return memory_start(s, t, c);
}

/* restart_syscall goes on with such a command. */
static enum disposition start_again(struct recorder *s, struct rtask *t)
{
	struct call c = {.nr = t->nr};
	if (t->restart_nr >= 0 && abi_undescribed(t->restart_nr, t->restart_args) &&
	    undescribed_start(s, t, &c)) {
		err_set("task %d: the program's memory cannot be read", t->tid);
		rec_fail(s);
	}
	return DISP_CALL_EXIT;
}

enum disposition special_start(struct recorder *s, struct rtask *t, struct call *c)
{
	const struct sysrow *row = sys_row(c->nr);
	int silent = output_silent_fd(c->nr, c->args);
	/* Replay could not show it. Terminals answer so too; programs fall back to write. */
	if (silent >= 0 && output_flags(s, t, silent))
		return skip(c, -EINVAL);
	switch (row->cls) {
	case C_NOSYS:
		return skip(c, -ENOSYS);
	case C_PERM:
		return skip(c, -EPERM);
	case C_QUOTA:
		return abi_quota_known(c->args[0]) ? DISP_CALL_EXIT : skip(c, -EPERM);
	case C_PMADVISE:
		/* Advice that changes what another process sees cannot be followed. */
		return c->args[3] == MADV_COLD || c->args[3] == MADV_PAGEOUT || c->args[3] == MADV_WILLNEED
			       ? DISP_CALL_EXIT
			       : skip(c, -EINVAL);
	case C_SCHED:
		policy_start(s, t, c);
		return DISP_CALL_EXIT;
	case C_PKEY:
		return skip(c, c->nr == SYS_pkey_alloc ? -ENOSPC : -EINVAL);
	case C_PRCTL:
		return start_prctl(s, t, c);
	case C_FCNTL:
	case C_SOCKOPT:
		return start_command(s, t, c);
	case C_SECCOMP:
		return ownfilter_start(s, t, c);
	case C_IOCTL:
		ownfilter_ioctl_start(t, c);
		return start_command(s, t, c);
	case C_ARCH_PRCTL:
		return start_arch_prctl(c);
	case C_GETAFFINITY:
		return affinity_get(s, t, c);
	case C_SETAFFINITY:
		affinity_start(s, t, c);
		return DISP_CALL_EXIT;
	case C_CLONE:
		return start_clone(t, c);
	case C_EXEC:
		return translator_start(s, t, c) ? skip(c, -ENOEXEC) : DISP_CALL_EXIT;
	case C_MMAP:
	case C_MUNMAP:
	case C_MREMAP:
	case C_MPROTECT:
	case C_MADVISE:
	case C_SHMAT:
		return start_memory(s, t, c);
	case C_RESTART:
		return start_again(s, t);
	}
	return DISP_CALL_EXIT;
}

/* vmsplice to the end of a pipe that can be written leaves the pages of the pieces in the pipe: they must
 * be the program's. From the other end it fills the pieces. */
void special_regions(struct rtask *t)
{
	uint64_t pos;
	unsigned flags = 0;
	if (sys_row(t->nr)->cls != C_VMSPLICE || taskfd_info(t, (int)t->args[0], &pos, &flags) ||
	    (flags & O_ACCMODE) == O_RDONLY)
		return;
	for (size_t i = 0; i < t->regions.n; i++)
		t->regions.at[i].dir = DIR_IN;
}

/* The break may be elsewhere now. */
static void exit_set_mm(struct rtask *t)
{
	struct prctl_mm_map map;
	if (t->args[1] == PR_SET_MM_BRK)
		t->mm->brk = t->args[2];
	else if (t->args[1] == PR_SET_MM_MAP &&
		 mem_read(t->tid, t->args[2], &map, sizeof(map)) == sizeof(map))
		t->mm->brk = map.brk;
	if (t->mm->buf)
		t->mm->buf->st->brk = 0; /* the runtime asks */
}

void special_fix(struct recorder *s, struct rtask *t, int64_t *result)
{
	if (undescribed_cut(t, *result))
		*result = abi_refusal(t->nr);
	uint32_t tsc = t->tsc_traps ? PR_TSC_SIGSEGV : PR_TSC_ENABLE;
	if (t->nr == SYS_prctl && t->args[0] == PR_SET_MM && !*result)
		exit_set_mm(t);
	if (t->nr == SYS_ioctl)
		ownfilter_ioctl_exit(s, t, *result);
	if (t->nr == SYS_prctl && t->args[0] == PR_GET_TSC && !*result)
		call_write(t, t->args[1], &tsc, 4);
	*result = memory_fix(s, t, *result);
}

static void exit_futex(struct recorder *s, struct rtask *t)
{
	switch ((uint32_t)t->args[1] & FUTEX_CMD_MASK) {
	case FUTEX_WAKE_OP:
		log_memory(s, t, t->args[4], 4, t->args[4]);
		break;
	case FUTEX_WAIT_REQUEUE_PI:
	case FUTEX_CMP_REQUEUE_PI:
		log_memory(s, t, t->args[4], 4, t->args[4]);
		/* fall through */
	case FUTEX_LOCK_PI:
	case FUTEX_UNLOCK_PI:
	case FUTEX_TRYLOCK_PI:
	case 13: /* FUTEX_LOCK_PI2 */
		log_memory(s, t, t->args[0], 4, t->args[0]);
		break;
	}
}

static void exit_stack_limit(struct recorder *s, struct rtask *t, uint64_t resource, uint64_t at)
{
	struct rlimit lim;
	if (resource != RLIMIT_STACK || !at || mem_read(t->tid, at, &lim, sizeof(lim)) != sizeof(lim))
		return;
	event_op(&s->ev, OP_STACKLIMIT)->a = lim.rlim_cur;
}

void special_exit(struct recorder *s, struct rtask *t, int64_t result)
{
	undescribed_exit(s, t, result);
	switch (sys_row(t->nr)->cls) {
	case C_MMAP:
	case C_MUNMAP:
	case C_MREMAP:
	case C_BRK:
	case C_MPROTECT:
	case C_MADVISE:
	case C_SHMAT:
	case C_SHMDT:
		memory_exit(s, t, result);
		break;
	case C_FUTEX:
		exit_futex(s, t);
		break;
	case C_SCHED:
		policy_exit(s, t);
		break;
	case C_SETAFFINITY:
		affinity_exit(s, t, result);
		break;
	case C_SET_TID:
		t->clear_tid = t->args[0];
		break;
	case C_SECCOMP:
	case C_PRCTL:
		ownfilter_exit(s, t, result);
		break;
	case C_PERSONALITY:
		if (result >= 0 && t->args[0] != 0xffffffff)
			t->proc->read_implies_exec = t->args[0] & READ_IMPLIES_EXEC;
		break;
	case C_SETRLIMIT:
		if (!result)
			exit_stack_limit(s, t, t->args[0], t->args[1]);
		break;
	case C_PRLIMIT:
		if (!result && (!t->args[0] || (pid_t)t->args[0] == t->proc->tgid))
			exit_stack_limit(s, t, t->args[1], t->args[2]);
		break;
	case C_SIGRETURN: {
		uint8_t *xstate = log_alloc(s, XSTATE_MAX);
		ssize_t n = pt_xstate(t->tid, xstate, XSTATE_MAX);
		if (n > 0) {
			s->ev.flags |= EVF_XSTATE;
			s->ev.xstate = xstate;
			s->ev.xstate_len = (size_t)n;
		}
		break;
	}
	}
}

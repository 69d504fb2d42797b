/* The requests of ptrace that recorded programs make of each other (traced.h). None of them reaches the
 * kernel. */
#include "record/sigstate.h"
#include "record/traced.h"

#include <elf.h>
#include <errno.h>
#include <linux/audit.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <unistd.h>

#include "base/err.h"
#include "task/machine.h"
#include "task/proc.h"

#define CAP_SYS_PTRACE 19
#define OPTIONS (0xff | PTRACE_O_EXITKILL)

/* One request: of `t`, the tracer, for `o`. */
struct ask {
	struct recorder *s;
	struct rtask *t, *o;
	struct traced *tr;
	uint64_t addr, data;
	int request;
};

/* --- memory of the tracer --- */

static int64_t put(const struct ask *a, uint64_t addr, const void *data, size_t len)
{
	if (!len)
		return 0;
	if (mem_write(a->t->tid, addr, data, len))
		return -EFAULT;
	region_add(&a->t->regions, addr, len, DIR_OUT, R_FIXED, 3, T_BYTES);
	return 0;
}

static int64_t get(const struct ask *a, uint64_t addr, void *out, size_t len)
{
	return mem_read(a->t->tid, addr, out, len) == len ? 0 : -EFAULT;
}

/* What follows changes the tracee: the tracer's call has begun, on record, before that. */
static void begin_change(const struct ask *a)
{
	call_log_entry(a->s, a->t);
}

/* --- memory and registers of the tracee --- */

static int64_t peek(struct ask *a)
{
	uint64_t word;
	if (traceview_read(a->s, a->o, a->addr, (uint8_t *)&word, 8) != 8)
		return -EIO;
	return put(a, a->data, &word, 8);
}

static void warn_once(const struct ask *a, const char *what)
{
	if (a->s->warned_ptrace)
		return;
	a->s->warned_ptrace = true;
	say("task %d traces task %d, and %s, which cannot be recorded yet: it is not permitted to", a->t->tid,
	    a->o ? a->o->tid : 0, what);
}

static int64_t poke(struct ask *a)
{
	begin_change(a);
	int64_t rc = traceview_write(a->s, a->o, a->addr, (const uint8_t *)&a->data, 8);
	if (rc == -EPERM)
		warn_once(a, "changes code that was mapped before it was traced");
	return rc;
}

static int64_t getregs(struct ask *a)
{
	regs_t r;
	return traceview_regs(a->o, &r) ? -ESRCH : put(a, a->data, &r, sizeof(r));
}

static int64_t set_regs(struct ask *a, const regs_t *r)
{
	begin_change(a);
	return traceview_set_regs(a->s, a->o, r);
}

static int64_t setregs(struct ask *a)
{
	regs_t r;
	int64_t rc = get(a, a->data, &r, sizeof(r));
	return rc ? rc : set_regs(a, &r);
}

static bool is_debug_register(uint64_t addr)
{
	uint64_t at = offsetof(struct user, u_debugreg);
	return addr >= at && addr < at + 64;
}

static int64_t peekuser(struct ask *a)
{
	regs_t r;
	uint64_t word = 0;
	if (a->addr & 7 || a->addr >= sizeof(struct user))
		return -EIO;
	if (traceview_regs(a->o, &r))
		return -ESRCH;
	if (a->addr < sizeof(r))
		memcpy(&word, (char *)&r + a->addr, 8);
	else if (is_debug_register(a->addr))
		word = a->tr->dr[(a->addr - offsetof(struct user, u_debugreg)) / 8];
	return put(a, a->data, &word, 8);
}

/* Replay could not tell when a debug register stops a task. Where the machine accepts them without effect,
 * that is what they do here. */
static int64_t set_debug_register(struct ask *a)
{
	if (a->data && machine_debug_registers())
		return -EINVAL;
	a->tr->dr[(a->addr - offsetof(struct user, u_debugreg)) / 8] = a->data;
	return 0;
}

static int64_t pokeuser(struct ask *a)
{
	regs_t r;
	if (a->addr & 7 || a->addr >= sizeof(struct user))
		return -EIO;
	if (is_debug_register(a->addr))
		return set_debug_register(a);
	if (a->addr >= sizeof(r))
		return -EIO;
	if (traceview_regs(a->o, &r))
		return -ESRCH;
	memcpy((char *)&r + a->addr, &a->data, 8);
	return set_regs(a, &r);
}

static int64_t getfpregs(struct ask *a)
{
	struct user_fpregs_struct f;
	if (ptrace(PTRACE_GETFPREGS, a->o->tid, 0, &f))
		return -errno;
	return put(a, a->data, &f, sizeof(f));
}

static int64_t setfpregs(struct ask *a)
{
	struct user_fpregs_struct f;
	int64_t rc = get(a, a->data, &f, sizeof(f));
	if (rc)
		return rc;
	begin_change(a);
	if (ptrace(PTRACE_SETFPREGS, a->o->tid, 0, &f))
		return -errno;
	traceview_log_xstate(a->s, a->o);
	return 0;
}

/* Sets of registers: those of NT_PRSTATUS as the program has them, others as the kernel has them. */
static int64_t getregset(struct ask *a)
{
	uint8_t bytes[XSTATE_MAX];
	struct iovec v, got = {bytes, sizeof(bytes)};
	int64_t rc = get(a, a->data, &v, sizeof(v));
	if (rc)
		return rc;
	if (got.iov_len > v.iov_len)
		got.iov_len = v.iov_len;
	if (a->addr == NT_PRSTATUS) {
		regs_t r;
		if (traceview_regs(a->o, &r))
			return -ESRCH;
		if (v.iov_len & 7)
			return -EINVAL;
		got.iov_len = got.iov_len < sizeof(r) ? got.iov_len : sizeof(r);
		memcpy(bytes, &r, got.iov_len);
	} else if (ptrace(PTRACE_GETREGSET, a->o->tid, a->addr, &got)) {
		return -errno;
	}
	rc = put(a, (uint64_t)v.iov_base, bytes, got.iov_len);
	return rc ? rc : put(a, a->data + offsetof(struct iovec, iov_len), &got.iov_len, 8);
}

static int64_t setregset(struct ask *a)
{
	uint8_t bytes[XSTATE_MAX];
	struct iovec v, set = {bytes, 0};
	regs_t r;
	int64_t rc = get(a, a->data, &v, sizeof(v));
	if (rc)
		return rc;
	size_t most = a->addr == NT_PRSTATUS ? sizeof(r) : sizeof(bytes);
	set.iov_len = v.iov_len < most ? v.iov_len : most;
	rc = get(a, (uint64_t)v.iov_base, bytes, set.iov_len);
	if (rc)
		return rc;
	if (a->addr == NT_PRSTATUS) {
		if (traceview_regs(a->o, &r))
			return -ESRCH;
		memcpy(&r, bytes, set.iov_len);
		rc = v.iov_len & 7 ? -EINVAL : set_regs(a, &r);
	} else {
		begin_change(a);
		if (ptrace(PTRACE_SETREGSET, a->o->tid, a->addr, &set))
			return -errno;
		traceview_log_xstate(a->s, a->o);
	}
	return rc ? rc : put(a, a->data + offsetof(struct iovec, iov_len), &set.iov_len, 8);
}

/* --- what its stop is --- */

static int64_t geteventmsg(struct ask *a)
{
	return put(a, a->data, &a->tr->msg, 8);
}

static bool has_siginfo(const struct traced *tr)
{
	return tr->why != WHY_GROUP || tr->seized;
}

static int64_t getsiginfo(struct ask *a)
{
	return has_siginfo(a->tr) ? put(a, a->data, &a->tr->si, sizeof(a->tr->si)) : -EINVAL;
}

static int64_t setsiginfo(struct ask *a)
{
	siginfo_t si;
	int64_t rc = get(a, a->data, &si, sizeof(si));
	if (rc || !has_siginfo(a->tr))
		return rc ? rc : -EINVAL;
	a->tr->si = si;
	return 0;
}

static int64_t getsigmask(struct ask *a)
{
	uint64_t mask;
	if (a->addr != 8)
		return -EINVAL;
	return pt_sigmask(a->o->tid, &mask) ? -ESRCH : put(a, a->data, &mask, 8);
}

static int64_t setsigmask(struct ask *a)
{
	uint64_t mask;
	if (a->addr != 8)
		return -EINVAL;
	int64_t rc = get(a, a->data, &mask, 8);
	if (rc || (rc = pt_set_sigmask(a->o->tid, mask)))
		return rc;
	return pt_sigmask(a->o->tid, &a->o->mask);
}

static int64_t setoptions(struct ask *a)
{
	if (a->data & ~(uint64_t)(OPTIONS | PTRACE_O_SUSPEND_SECCOMP))
		return -EINVAL;
	if (a->data & PTRACE_O_SUSPEND_SECCOMP)
		return -EPERM;
	a->tr->options = a->data;
	return 0;
}

static int64_t syscall_info(struct ask *a)
{
	struct __ptrace_syscall_info si = {.arch = AUDIT_ARCH_X86_64};
	regs_t r;
	size_t size = offsetof(struct __ptrace_syscall_info, entry);
	if (traceview_regs(a->o, &r))
		return -ESRCH;
	si.instruction_pointer = r.rip;
	si.stack_pointer = r.rsp;
	const uint64_t args[6] = {r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9};
	bool call = a->tr->code == (SIGTRAP | 0x80);
	if (call && a->tr->why == WHY_CALL_START) {
		si.op = PTRACE_SYSCALL_INFO_ENTRY;
		si.entry.nr = r.orig_rax;
		memcpy(si.entry.args, args, sizeof(args));
		size = offsetof(struct __ptrace_syscall_info, entry.args) + sizeof(args);
	} else if (a->tr->code == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
		si.op = PTRACE_SYSCALL_INFO_SECCOMP;
		si.seccomp.nr = r.orig_rax;
		memcpy(si.seccomp.args, args, sizeof(args));
		si.seccomp.ret_data = (uint32_t)a->tr->msg;
		size = offsetof(struct __ptrace_syscall_info, seccomp.ret_data) + sizeof(uint32_t);
	} else if (call && a->tr->why == WHY_CALL_END) {
		si.op = PTRACE_SYSCALL_INFO_EXIT;
		si.exit.rval = (int64_t)r.rax;
		si.exit.is_error = (int64_t)r.rax < 0 && (int64_t)r.rax >= -4095;
		size = offsetof(struct __ptrace_syscall_info, exit.is_error) + 1;
	}
	int64_t rc = put(a, a->data, &si, a->addr < size ? a->addr : size);
	return rc ? rc : (int64_t)size;
}

/* --- letting it go on --- */

/* It gets signal `sig` when it goes on: at once where it has stopped for a signal, else as one that is sent.
 */
static void give_signal(struct ask *a, int sig)
{
	struct traced *tr = a->tr;
	siginfo_t si = {.si_signo = sig, .si_code = SI_USER};
	si.si_pid = a->t->proc->tgid;
	si.si_uid = task_uid(a->t->tid);
	if (sig && tr->why == WHY_SIGNAL) {
		tr->inject = sig == tr->si.si_signo ? tr->si : si;
	} else if (sig && (tr->why == WHY_CALL_START || tr->why == WHY_CALL_END)) {
		si = (siginfo_t){.si_signo = sig, .si_code = SI_KERNEL};
		signal_hold(a->o, &si);
	}
}

static int64_t resume(struct ask *a)
{
	if (a->data > 64)
		return -EIO;
	a->tr->how = a->request;
	give_signal(a, (int)a->data);
	traced_go_on(a->s, a->o);
	return 0;
}

static int64_t detach(struct ask *a)
{
	if (a->data > 64)
		return -EIO;
	give_signal(a, (int)a->data);
	traced_end(a->s, a->o);
	return 0;
}

static int64_t kill_it(struct ask *a)
{
	syscall(SYS_tgkill, a->o->proc->tgid, a->o->tid, SIGKILL);
	return 0;
}

static int64_t interrupt(struct ask *a)
{
	if (!a->tr->seized)
		return -EIO;
	if (a->tr->listens) {
		a->tr->listens = false;
		traced_stop(a->s, a->o, TRACED_GROUP, WHY_EVENT, a->tr->code);
		return 0;
	}
	a->tr->stop_due = true;
	if (!a->tr->stopped)
		traced_hurry(a->o);
	return 0;
}

static int64_t listen_(struct ask *a)
{
	if (!a->tr->seized || a->tr->place != TRACED_GROUP)
		return -EIO;
	a->tr->listens = true;
	return pt_resume(PTRACE_LISTEN, a->o->tid, 0);
}

static const struct request {
	int64_t (*make)(struct ask *a);
	bool any_time; /* the tracee need not be stopped */
} requests[] =
	{
		[PTRACE_PEEKTEXT] = {peek, false},	 [PTRACE_PEEKDATA] = {peek, false},
		[PTRACE_POKETEXT] = {poke, false},	 [PTRACE_POKEDATA] = {poke, false},
		[PTRACE_PEEKUSER] = {peekuser, false},	 [PTRACE_POKEUSER] = {pokeuser, false},
		[PTRACE_GETREGS] = {getregs, false},	 [PTRACE_SETREGS] = {setregs, false},
		[PTRACE_GETFPREGS] = {getfpregs, false}, [PTRACE_SETFPREGS] = {setfpregs, false},
		[PTRACE_CONT] = {resume, false},	 [PTRACE_SYSCALL] = {resume, false},
		[PTRACE_DETACH] = {detach, false},	 [PTRACE_KILL] = {kill_it, true},
},
  extended[] = {
	  [PTRACE_SETOPTIONS & 0xff] = {setoptions, false},
	  [PTRACE_GETEVENTMSG & 0xff] = {geteventmsg, false},
	  [PTRACE_GETSIGINFO & 0xff] = {getsiginfo, false},
	  [PTRACE_SETSIGINFO & 0xff] = {setsiginfo, false},
	  [PTRACE_GETREGSET & 0xff] = {getregset, false},
	  [PTRACE_SETREGSET & 0xff] = {setregset, false},
	  [PTRACE_INTERRUPT & 0xff] = {interrupt, true},
	  [PTRACE_LISTEN & 0xff] = {listen_, false},
	  [PTRACE_GETSIGMASK & 0xff] = {getsigmask, false},
	  [PTRACE_SETSIGMASK & 0xff] = {setsigmask, false},
	  [PTRACE_GET_SYSCALL_INFO & 0xff] = {syscall_info, false},
};

static const struct request *request_of(int64_t nr)
{
	const struct request *r = NULL;
	if (nr >= 0 && nr < (int64_t)ARRAY_LEN(requests))
		r = &requests[nr];
	else if (nr >> 8 == 0x42 && (nr & 0xff) < (int64_t)ARRAY_LEN(extended))
		r = &extended[nr & 0xff];
	return r && r->make ? r : NULL;
}

/* --- how it begins --- */

static struct rtask *real_parent(struct recorder *s, const struct rtask *t)
{
	struct proc_status p;
	struct rtask *parent = task_find(s, t->parent);
	if (proc_status(t->tid, &p))
		return NULL;
	return parent && parent->proc->tgid == p.ppid ? parent : task_find(s, p.ppid);
}

static int64_t trace_me(struct ask *a)
{
	struct rtask *parent = real_parent(a->s, a->t);
	if (a->t->traced || !parent)
		return -EPERM;
	traced_new(a->t, parent, false, 0)->child = a->t->tid == a->t->proc->tgid;
	return 0;
}

/* As __ptrace_may_access of the kernel. */
static bool may_trace(const struct rtask *t, const struct rtask *o)
{
	struct proc_status p;
	if (o->proc == t->proc || o->traced || task_dying(o))
		return false;
	bool able = !proc_status(t->tid, &p) && p.cap_effective >> CAP_SYS_PTRACE & 1;
	return able || (o->proc->dumpable == 1 && task_uid(t->tid) == task_uid(o->tid));
}

static bool is_child(const struct rtask *t, const struct rtask *o)
{
	struct proc_status p;
	return o->tid == o->proc->tgid && !proc_status(o->tid, &p) && p.ppid == t->proc->tgid;
}

static int64_t attach(struct ask *a)
{
	bool seize = a->request == PTRACE_SEIZE;
	siginfo_t stop = {.si_signo = SIGSTOP, .si_code = SI_KERNEL};
	if (seize && (a->addr || a->data & ~(uint64_t)OPTIONS))
		return -EIO;
	if (!may_trace(a->t, a->o))
		return -EPERM;
	traced_new(a->o, a->t, seize, seize ? a->data : 0)->child = is_child(a->t, a->o);
	if (seize)
		return 0;
	signal_hold(a->o, &stop);
	traced_hurry(a->o);
	return 0;
}

static int64_t refuse(struct ask *a)
{
	if (!a->s->warned_ptrace)
		say("task %d wants to trace processes by request 0x%x of ptrace, which cannot be recorded "
		    "yet: "
		    "it is not permitted to. If the command is a debugger or tracer, record the program that "
		    "it starts instead",
		    a->t->tid, a->request);
	a->s->warned_ptrace = true;
	return -EPERM;
}

static int64_t make(struct ask *a)
{
	const struct request *r = request_of(a->request);
	bool begins = a->request == PTRACE_ATTACH || a->request == PTRACE_SEIZE;
	if (a->request == PTRACE_TRACEME)
		return trace_me(a);
	if ((!r && !begins) || handover_other_pids(a->t))
		return refuse(a);
	a->o = task_find(a->s, (pid_t)a->t->args[1]);
	if (!a->o && begins && !kill((pid_t)a->t->args[1], 0))
		return refuse(a); /* it is not recorded */
	if (!a->o)
		return -ESRCH;
	if (begins)
		return attach(a);
	a->tr = a->o->traced;
	if (!a->tr || a->tr->tracer != a->t)
		return -ESRCH;
	if (!r->any_time && (!a->tr->stopped || a->tr->listens))
		return -ESRCH;
	return r->make(a);
}

enum disposition tracer_start(struct recorder *s, struct rtask *t, struct call *c)
{
	struct ask a = {.s = s, .t = t, .request = (int)c->args[0], .addr = c->args[2], .data = c->args[3]};
	c->result = make(&a);
	return DISP_SKIP;
}

/* Seccomp filters that programs install. The kernel gets stand-ins (interpose/filter.h); the
 * recorder asks the filters themselves, with the program's addresses, at each call of the program
 * that stops. Calls that the filters allow in any case are buffered as ever (bpf_always_allows). */
#include "record/filterlist.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "base/err.h"
#include "interpose/bpf.h"
#include "interpose/filter.h"
#include "layout.h"
#include "task/proc.h"
#include "task/vsyscall.h"

#define CAP_SYS_ADMIN_BIT (1ull << 21)

/* --- the lists of filters --- */

static void find_passes(struct own_filter *f)
{
	for (int nr = 0; nr < FILTERED_WORDS * 64; nr++) {
		bool before = !f->before || f->before->passes[nr / 64] >> (nr % 64) & 1;
		if (before && bpf_always_allows(f->code, f->n, nr))
			f->passes[nr / 64] |= 1ull << (nr % 64);
	}
}

/* --- installing one --- */

/* A call that would install a filter, or strict mode. */
struct request {
	bool filter, strict;
	uint64_t flags, prog, prog_arg; /* prog_arg: which argument holds prog */
};

static struct request request_of(const struct call *c)
{
	const uint64_t *a = c->args;
	if (c->nr == SYS_prctl)
		return (struct request){.filter = a[0] == PR_SET_SECCOMP && a[1] == SECCOMP_MODE_FILTER,
					.strict = a[0] == PR_SET_SECCOMP && a[1] == SECCOMP_MODE_STRICT,
					.prog = a[2],
					.prog_arg = 2};
	return (struct request){.filter = (uint32_t)a[0] == SECCOMP_SET_MODE_FILTER,
				.strict = (uint32_t)a[0] == SECCOMP_SET_MODE_STRICT && !a[1] && !a[2],
				.flags = (uint32_t)a[1],
				.prog = a[2],
				.prog_arg = 2};
}

static enum disposition answer(struct call *c, int64_t result)
{
	c->result = result;
	return DISP_SKIP;
}

/* The recorder may have had to set no_new_privs (filter_install), of which the program knows nothing. */
static bool privileged(struct recorder *s, const struct rtask *t)
{
	struct proc_status p;
	return !s->own_nnp || t->no_new_privs ||
	       (!proc_status(t->tid, &p) && p.cap_effective & CAP_SYS_ADMIN_BIT);
}

/* The program's filter; NULL: it cannot be read, or has no possible length. */
static struct own_filter *read_filter(struct rtask *t, uint64_t prog)
{
	struct sock_fprog head;
	if (mem_read(t->tid, prog, &head, sizeof(head)) != sizeof(head) || !head.len ||
	    head.len > BPF_MAXINSNS)
		return NULL;
	size_t size = head.len * sizeof(struct sock_filter);
	struct own_filter *f = xcalloc(1, sizeof(*f) + size);
	f->n = head.len;
	f->refs = 1;
	if (mem_read(t->tid, (uint64_t)head.filter, f->code, size) == size)
		return f;
	free(f);
	return NULL;
}

/* The stand-in goes where the records of calls are, which are on record by now. */
static int put_stand_in(struct rtask *t, const struct own_filter *f)
{
	struct sock_filter code[BPF_MAXINSNS];
	uint64_t at = RUNTIME_BUF + sizeof(struct sock_fprog);
	memcpy(code, f->code, f->n * sizeof(*code));
	unsigned n = filter_stand_in(code, f->n, f->listener);
	struct sock_fprog head = {(unsigned short)n, (struct sock_filter *)at};
	int rc = mem_write(t->tid, RUNTIME_BUF, &head, sizeof(head));
	return rc ? rc : mem_write(t->tid, at, code, n * sizeof(*code));
}

enum disposition ownfilter_start(struct recorder *s, struct rtask *t, struct call *c)
{
	struct request q = request_of(c);
	if (q.strict && t->filter)
		return answer(c, -EINVAL); /* one mode cannot follow the other */
	if (q.strict) {
		t->strict = true;
		return answer(c, 0);
	}
	struct own_filter *f = q.filter ? read_filter(t, q.prog) : NULL;
	if (!f)
		return DISP_CALL_EXIT; /* the kernel says what is wrong with it */
	if (!privileged(s, t)) {
		free(f);
		return answer(c, -EACCES);
	}
	if (q.flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) {
		s->listeners = s->listeners % FILTER_LISTENERS + 1;
		f->listener = s->listeners;
	}
	if (put_stand_in(t, f)) {
		free(f);
		return DISP_CALL_EXIT;
	}
	free(t->new_filter);
	t->new_filter = f;
	c->args[q.prog_arg] = RUNTIME_BUF;
	return DISP_CALL_EXIT;
}

/* All threads get the filters, and no_new_privs, of the one that asked (seccomp_sync_threads). */
static void sync_threads(struct recorder *s, struct rtask *t)
{
	size_t i = 0;
	struct rtask *o;
	while ((o = hmap_next(&s->tasks, &i))) {
		if (o == t || o->proc != t->proc)
			continue;
		ownfilter_inherit(o, t);
		o->no_new_privs |= t->no_new_privs;
	}
}

void ownfilter_exit(struct recorder *s, struct rtask *t, int64_t result)
{
	struct own_filter *f = t->new_filter;
	uint64_t flags = t->nr == SYS_seccomp ? t->args[1] : 0;
	t->new_filter = NULL;
	if (!f)
		return;
	/* A positive result is the listener, else the thread that could not follow. */
	if (result < 0 || (result > 0 && !f->listener)) {
		free(f);
		return;
	}
	f->before = t->filter;
	t->filter = f;
	find_passes(f);
	if (flags & SECCOMP_FILTER_FLAG_TSYNC)
		sync_threads(s, t);
}

/* --- asking them --- */

static bool in_vdso(const struct rtask *t)
{
	const struct mapping *m = space_find(&t->mm->space, t->regs.rip);
	return m && !strcmp(m->recorded.name, "[vdso]");
}

/* Calls that the program would not make natively: those in place of the vdso's functions, and the
 * continuation of a call that a stop of the recorder's may have interrupted. */
static bool unseen(const struct rtask *t)
{
	return t->nr == SYS_restart_syscall || in_vdso(t);
}

/* Of several answers the first in this order counts, and of equal ones that of the newest filter
 * (seccomp_run_filters, kernel/seccomp.c). */
static int32_t rank(uint32_t answer)
{
	return (int32_t)(answer & SECCOMP_RET_ACTION_FULL);
}

static uint32_t ask_all(const struct own_filter *f, const struct seccomp_data *sd,
			const struct own_filter **whose)
{
	uint32_t answer = SECCOMP_RET_ALLOW;
	for (; f; f = f->before) {
		uint32_t a = bpf_run(f->code, f->n, sd);
		if (rank(a) >= rank(answer))
			continue;
		answer = a;
		*whose = f;
	}
	return answer;
}

static uint64_t app_ip(const struct rtask *t)
{
	return t->vsyscall ? vsyscall_address(t->nr) : placed_to_app(&t->mm->images, t->regs.rip);
}

static struct verdict result(int64_t value)
{
	return (struct verdict){VERDICT_RESULT, value, 0};
}

static struct verdict by_filter(struct rtask *t)
{
	const struct own_filter *whose = NULL;
	const regs_t *r = &t->regs;
	const struct seccomp_data sd = {.nr = (int)t->nr,
					.arch = AUDIT_ARCH_X86_64,
					.instruction_pointer = app_ip(t),
					.args = {r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9}};
	uint32_t a = ask_all(t->filter, &sd, &whose);
	uint32_t data = a & SECCOMP_RET_DATA;
	if (rank(a) >= rank(SECCOMP_RET_LOG) || unseen(t))
		return (struct verdict){.kind = VERDICT_PASS};
	switch (a & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ERRNO:
		return result(-(int64_t)(data < 4095 ? data : 4095));
	case SECCOMP_RET_TRACE:
		switch (traced_asks_filter(t)) {
		case 0: /* nobody who wants to hear of it traces it */
			return result(-ENOSYS);
		case 1:
			return (struct verdict){VERDICT_TRACE, data, 0};
		}
		return (struct verdict){.kind = VERDICT_PASS};
	case SECCOMP_RET_TRAP:
		return (struct verdict){VERDICT_TRAP, 0, (uint64_t)FILTER_VERDICT << 32 | a};
	case SECCOMP_RET_USER_NOTIF:
		if (!whose->listener)
			return result(-ENOSYS);
		return (struct verdict){VERDICT_NOTIFY, 0,
					(uint64_t)(FILTER_NOTIFY + whose->listener) << 32 | (uint32_t)t->tid};
	}
	return (struct verdict){VERDICT_KILL, 0, (uint64_t)FILTER_VERDICT << 32 | a};
}

static struct verdict by_strict_mode(const struct rtask *t)
{
	bool allowed =
		t->nr == SYS_read || t->nr == SYS_write || t->nr == SYS_exit || t->nr == SYS_rt_sigreturn;
	return (struct verdict){.kind = allowed || unseen(t) ? VERDICT_PASS : VERDICT_STRICT};
}

struct verdict ownfilter_ask(struct rtask *t)
{
	if (t->strict)
		return by_strict_mode(t);
	if (!t->filter || t->let_through)
		return (struct verdict){.kind = VERDICT_PASS};
	return by_filter(t);
}

/* --- listeners --- */

void ownfilter_ioctl_start(struct rtask *t, struct call *c)
{
	struct seccomp_notif_resp r;
	if ((uint32_t)c->args[1] != SECCOMP_IOCTL_NOTIF_SEND ||
	    mem_read(t->tid, c->args[2], &r, sizeof(r)) != sizeof(r) ||
	    r.flags != SECCOMP_USER_NOTIF_FLAG_CONTINUE || r.error || r.val)
		return;
	r.flags = 0;
	r.error = NOTIFY_CONTINUE;
	if (!mem_write(t->tid, RUNTIME_SPARE, &r, sizeof(r)))
		c->args[2] = RUNTIME_SPARE;
}

/* Where the kernel has written what the program wants at `addr`. */
static uint64_t written_at(const struct rtask *t, uint64_t addr)
{
	for (size_t i = 0; t->redirected && i < t->regions.n; i++) {
		const struct region *r = &t->regions.at[i];
		if (r->scratch && r->addr == addr)
			return r->scratch;
	}
	return addr;
}

/* The listener sees where the program made its call, not the recorder's word. */
static void show_app_ip(struct recorder *s, struct rtask *t)
{
	uint64_t ip,
		at = written_at(t, t->args[2]) + offsetof(struct seccomp_notif, data.instruction_pointer);
	struct rtask *from;
	if (mem_read(t->tid, at, &ip, 8) != 8 || ip >> 52 != FILTER_NOTIFY >> 20 ||
	    !(from = task_find(s, (pid_t)(uint32_t)ip)))
		return;
	ip = app_ip(from);
	mem_write(t->tid, at, &ip, 8);
}

/* A listener may put descriptors into any process that it answers. */
static void forget_descriptors(struct recorder *s)
{
	size_t i = 0;
	struct rtask *t;
	while ((t = task_next_mm(s, &i))) {
		if (t->filter)
			buffer_forget_fds(t->mm);
	}
}

void ownfilter_ioctl_exit(struct recorder *s, struct rtask *t, int64_t result)
{
	uint32_t cmd = (uint32_t)t->args[1];
	if (cmd == SECCOMP_IOCTL_NOTIF_RECV && !result)
		show_app_ip(s, t);
	if (cmd == SECCOMP_IOCTL_NOTIF_ADDFD && result >= 0)
		forget_descriptors(s);
}

/* --- the kernel's part --- */

int ownfilter_answer(struct rtask *t, uint64_t ip)
{
	regs_t r = t->regs;
	r.rip = ip;
	t->verdict_ip = t->regs.rip;
	return pt_setregs(t->tid, &r);
}

void ownfilter_stopped(struct rtask *t)
{
	regs_t r;
	if (!t->verdict_ip)
		return;
	/* A new program has an address of its own. */
	if (!pt_getregs(t->tid, &r) && r.rip >> 48) {
		r.rip = t->verdict_ip;
		pt_setregs(t->tid, &r);
	}
	t->verdict_ip = 0;
}

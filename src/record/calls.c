/* A system call from its start to its exit, as its row says. */
#include "record/callstate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "base/err.h"
#include "record/bufstate.h"

#define IN_MAX 256 /* bytes of a buffer that the call reads, kept for people */

/* At the start of a call its task is stopped, and nobody else touches its memory: what
 * the call reads lies close together, so whole pages are fetched. exec's strings would
 * cost hundreds of reads otherwise. */
#define PAGES 4
struct pages_read {
	struct rtask *t;
	unsigned next;
	uint64_t addr[PAGES]; /* of the page, 0: none */
	uint8_t data[PAGES][4096];
};

static const uint8_t *page_read(struct pages_read *p, uint64_t page)
{
	for (unsigned i = 0; i < PAGES; i++) {
		if (p->addr[i] == page)
			return p->data[i];
	}
	unsigned i = p->next++ % PAGES;
	p->addr[i] = mem_read(p->t->tid, page, p->data[i], 4096) == 4096 ? page : 0;
	return p->addr[i] ? p->data[i] : NULL;
}

static size_t entry_read(void *ctx, uint64_t addr, void *out, size_t len)
{
	struct pages_read *p = ctx;
	size_t done = 0;
	while (done < len) {
		uint64_t page = (addr + done) & ~4095ull, off = (addr + done) & 4095;
		size_t n = len - done < 4096 - off ? len - done : 4096 - off;
		const uint8_t *data = page ? page_read(p, page) : NULL;
		if (!data)
			break;
		memcpy((char *)out + done, data + off, n);
		done += n;
	}
	return done;
}

/* Keep what the call reads, as it is now. */
static void gather_in(struct rtask *t, struct pages_read *pages)
{
	t->in_data.len = 0;
	for (size_t i = 0; i < t->regions.n; i++) {
		struct region *r = &t->regions.at[i];
		if (!(r->dir & DIR_IN) || !r->addr)
			continue;
		size_t n = r->len < IN_MAX || r->text ? (size_t)r->len : IN_MAX;
		uint8_t *p = buf_room(&t->in_data, 16 + n);
		size_t got = entry_read(pages, r->addr, p + 16, n);
		uint64_t head[2] = {r->addr, got};
		memcpy(p, head, 16);
		t->in_data.len -= n - got;
	}
}

static bool is_x32(struct recorder *s, struct rtask *t)
{
	if (t->nr < 0 || !(t->nr & 0x40000000)) /* __X32_SYSCALL_BIT */
		return false;
	err_set("task %d makes an x32 system call; 32-bit and x32 programs cannot be recorded yet", t->tid);
	rec_fail(s);
	return true;
}

/* The call does not run: the program gets `result`. */
static struct action skip(struct recorder *s, struct rtask *t, const struct call *c)
{
	struct abi_reader rd = {call_read, t};
	region_list wrote = {0};
	abi_written(t->nr, &t->regions, c->result, &rd, &wrote);
	regs_t r = t->regs;
	r.rax = (uint64_t)c->result;
	log_begin(s, t, t->entry_logged ? EV_EXIT : EV_SYSCALL, t->nr);
	if (!t->entry_logged)
		log_in(s, t);
	for (size_t i = 0; i < wrote.n; i++)
		log_memory(s, t, wrote.at[i].addr, wrote.at[i].len, wrote.at[i].addr);
	VEC_FREE(&wrote);
	log_regs(s, &r);
	log_put(s);
	t->in_call = t->let_through = false;
	r.orig_rax = (uint64_t)-1;
	t->result = c->result;
	traced_call_ended(t, t->nr);
	return act_unless(pt_setregs(t->tid, &r), act_station(c->result));
}

static void begin(struct recorder *s, struct rtask *t)
{
	t->in_call = true;
	t->entry_logged = t->redirected = t->args_changed = t->notified = false;
	undescribed_release(t);
	t->interrupted = t->intr.again = false;
	t->intr.deadline = 0;
	t->nr = (int64_t)t->regs.orig_rax;
	if (t->undone_at == t->regs.rip)
		t->undone_at = 0;
	t->set_aside = false;
	call_get_args(&t->regs, t->args);
	t->regions.n = 0;
	t->in_data.len = 0;
	t->looks = 0;
	t->aux = 0;
	s->stats.calls++;
}

/* Calls of our own child, before its first exec succeeds, are not recorded. */
static struct action before_start(struct recorder *s, struct rtask *t)
{
	begin(s, t);
	t->may_block = t->entry_logged = true;
	return act_call();
}

/* Held signals come before the call, but not each time that it is tried: where they are always
 * there, a call that does not wait for anything is made first. */
static bool takes_held(const struct rtask *t)
{
	return t->held.n && !t->vsyscall && (t->regs.rip != t->undone_at || sys_row(t->nr)->flags & F_BLOCK);
}

/* The call raises SIGSYS: the signal's stop comes next, before anything of the program runs. */
static struct action trap(struct recorder *s, struct rtask *t, uint64_t ip)
{
	regs_t r = t->regs;
	r.rax = (uint64_t)t->nr; /* syscall_rollback */
	log_begin(s, t, EV_SYSCALL, t->nr);
	log_regs(s, &r);
	log_put(s);
	t->in_call = false;
	return act_unless(ownfilter_answer(t, ip), act_user());
}

/* Strict mode kills the thread (__secure_computing_strict, kernel/seccomp.c). */
static struct action kill_strict(struct recorder *s, struct rtask *t)
{
	regs_t r = t->regs;
	r.orig_rax = SYS_exit;
	r.rdi = SIGKILL;
	call_log_entry(s, t);
	int rc = t->proc->tasks == 1 ? kill(t->proc->tgid, SIGKILL) : pt_setregs(t->tid, &r);
	return act_unless(rc, act_run(PTRACE_CONT, 0, TS_KERNEL));
}

/* The program's own filters do not let the call through. */
static struct action filtered(struct recorder *s, struct rtask *t, const struct verdict *v)
{
	struct call c = {.result = v->result};
	t->may_block = false;
	if (v->kind == VERDICT_RESULT)
		return skip(s, t, &c);
	if (t->vsyscall) {
		err_set("task %d: its seccomp filter answers a call through the vsyscall page with a signal; "
			"that cannot be recorded",
			t->tid);
		rec_fail(s);
		return act(ACT_DONE);
	}
	if (v->kind == VERDICT_TRAP)
		return trap(s, t, v->ip);
	if (v->kind == VERDICT_STRICT)
		return kill_strict(s, t);
	call_log_entry(s, t);
	return act_unless(ownfilter_answer(t, v->ip), act_run(PTRACE_CONT, 0, TS_KERNEL));
}

/* A listener answers the call. The task waits for it as in a call that blocks. */
static struct action notify(struct rtask *t, uint64_t ip)
{
	t->notified = t->may_block = true;
	t->output = 0;
	return act_unless(ownfilter_answer(t, ip), act_call());
}

/* The call gets other arguments than the program gave it, beside those that are redirected. */
static void change_args(struct rtask *t, const uint64_t args[6])
{
	regs_t r = t->regs;
	uint64_t now[6];
	if (t->redirected && pt_getregs(t->tid, &r))
		return;
	call_get_args(&r, now);
	for (int i = 0; i < 6; i++)
		now[i] = args[i] != t->args[i] ? args[i] : now[i];
	call_set_args(&r, now);
	t->args_changed = true;
	pt_setregs(t->tid, &r);
}

/* A station after a buffered call, which the runtime reports. */
static struct action buffer_station(struct recorder *s, struct rtask *t)
{
	struct state *st = t->mm->buf ? t->mm->buf->st : NULL;
	if (!st || !st->used) {
		err_set("task %d jumped into the runtime", t->tid);
		rec_fail(s);
		return act(ACT_DONE);
	}
	buffer_drain_at(s, t->mm, true);
	regs_t r = t->regs;
	r.rip = st->ret;
	r.rax = st->result;
	r.rcx = placed_to_app(&t->mm->images, r.rip);
	r.orig_rax = (uint64_t)-1;
	t->regs = r;
	t->in_call = false;
	t->nr = t->mm->last_nr;
	if (pt_setregs(t->tid, &r))
		return act(ACT_GONE);
	t->interrupted = false;
	t->result = (int64_t)r.rax;
	if (t->mm->mapped_file) {
		t->mm->mapped_file = false;
		log_begin(s, t, EV_MEM, 0);
		memory_exit(s, t, t->result);
		log_put(s);
	}
	return t->stop_later ? stop_put_off(t) : act_station(t->result);
}

/* What comes before the program's call: a call of the vsyscall page is left, signals are delivered, and a
 * call that writes what others see waits until none of them runs. */
static struct action before_call(struct recorder *s, struct rtask *t, bool logged)
{
	struct action a = vsyscall_entry(s, t);
	if (!a.what && !logged && takes_held(t))
		a = signal_at_entry(s, t);
	if (!a.what && !logged)
		a = traced_call_start(s, t);
	if (!a.what && !logged)
		a = traced_filter_stop(s, t);
	if (a.what)
		return a;
	a = filewrite_start(s, t);
	if (!a.what && memwrite_start(s, t))
		a = act(ACT_WAIT);
	t->defers = a.what == ACT_WAIT;
	return a;
}

/* Learn what memory the arguments lead to. True: `t` has made calls because of that. */
static bool find_regions(struct recorder *s, struct rtask *t, struct pages_read *pages)
{
	struct abi_reader rd = {entry_read, pages};
	const uint64_t *args;
	int64_t nr = call_effective(t, &args);
	abi_regions(nr, args, &rd, &t->regions);
	special_regions(t);
	if (!t->vsyscall && call_hold_written(s, t))
		return true;
	gather_in(t, pages);
	return false;
}

/* Let the call be made, with the arguments c->args. */
static struct action make_call(struct recorder *s, struct rtask *t, const struct call *c)
{
	if (memcmp(c->args, t->args, sizeof(c->args)))
		change_args(t, c->args);
	if (sys_row(t->nr)->flags & F_ENTRY)
		call_log_entry(s, t);
	interrupt_entry(t);
	int out = output_fd(t->nr, t->args);
	t->output = out >= 0 ? output_flags(s, t, out) : 0;
	struct action a = act_call();
	/* What the user sees of several processes is in the order of the events. */
	a.settle = t->output;
	return a;
}

/* Ask the chain what becomes of the call, and make ready what it writes. */
static struct action ask_chain(struct recorder *s, struct rtask *t)
{
	const struct sysrow *row = sys_row(t->nr);
	struct call c = {.tid = t->tid, .task = t, .nr = t->nr};
	memcpy(c.args, t->args, sizeof(c.args));
	bool skipped = chain_start(&s->self, &c) == DISP_SKIP;
	if (!skipped && t->vsyscall)
		vsyscall_make(s, t, &c.result);
	if (skipped || t->vsyscall)
		return skip(s, t, &c);
	struct action a = mapwait_poll(s, t);
	if (a.what)
		return a;
	/* A write to a mapped file, or to a process, happens in others' memory: they wait for its end. */
	bool block = row->flags & F_BLOCK && !scratch_cannot(t) && !undescribed_holds(t);
	t->may_block = (block && t->writes == WR_NOTHING) || row->cls == C_EXEC;
	t->may_wait = late_allowed(t);
	int moved = block || t->may_wait ? scratch_redirect(s, t) : 0;
	if (moved)
		return moved < 0 ? act(ACT_GONE) : call_restart(t);
	mapwait_start(t, &c);
	tracewait_begin(t);
	return make_call(s, t, &c);
}

struct action call_entry(struct recorder *s, struct rtask *t)
{
	bool logged = t->let_through && t->entry_logged;
	if (pt_getregs(t->tid, &t->regs) || (pt_hide_step(&t->regs) && pt_setregs(t->tid, &t->regs)))
		return act(ACT_GONE);
	t->nr = (int64_t)t->regs.orig_rax;
	if (!s->started)
		return before_start(s, t);
	if (t->nr == RUNTIME_STATION_NR && buffer_inside(&t->regs))
		return buffer_station(s, t);
	struct action a = before_call(s, t, logged);
	if (a.what)
		return a;
	/* What follows must know of the memory that buffered calls have mapped. */
	buffer_drain(s, t->mm);
	begin(s, t);
	struct verdict v = ownfilter_ask(t);
	if (v.kind != VERDICT_PASS && v.kind != VERDICT_NOTIFY)
		return filtered(s, t, &v);
	if (is_x32(s, t))
		return act(ACT_DONE);
	t->entry_logged = logged;
	struct pages_read pages;
	pages.t = t;
	pages.next = 0;
	memset(pages.addr, 0, sizeof(pages.addr));
	if (find_regions(s, t, &pages))
		return call_restart(t);
	return v.kind == VERDICT_NOTIFY ? notify(t, v.ip) : ask_chain(s, t);
}

/* A listener has answered the call, which was not made, or wants it to be made. */
static struct action notified_exit(struct recorder *s, struct rtask *t, regs_t *r)
{
	t->notified = (int64_t)r->rax != NOTIFY_CONTINUE;
	if (!t->notified)
		return call_again(t);
	call_finish(s, t, r, (int64_t)r->rax);
	t->in_call = t->notified = false;
	return act_station((int64_t)r->rax);
}

struct action call_exit(struct recorder *s, struct rtask *t)
{
	const struct sysrow *row = sys_row(t->nr);
	regs_t r;
	if (pt_getregs(t->tid, &r))
		return act(ACT_GONE);
	giveway_exit(t, &r);
	if (t->notified)
		return notified_exit(s, t, &r);
	t->let_through = false;
	int64_t result = (int64_t)r.rax;
	if (row->cls == C_EXEC && !result)
		return exec_exit(s, t);
	if (!s->started) {
		t->in_call = false;
		return act_user();
	}
	struct action a = mapwait_exit(t, &r, &result);
	if (!a.what)
		a = tracewait_exit(s, t, &r, &result);
	if (!a.what)
		a = interrupt_exit(t, &r, &result);
	if (a.what)
		return a;
	return call_end(s, t, &r, result) ? act(ACT_DONE) : act_station(t->result);
}

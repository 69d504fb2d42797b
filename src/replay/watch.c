/* Watchpoints: the pages that hold watched bytes are guarded (guard.c). An instruction that faults on one is
 * made without the guard; then the bytes are compared with what they were. So they are after each event. */
#include "replay/session.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <Zydis/Zydis.h>
#include <xxhash.h>

#include "base/err.h"
#include "layout.h"
#include "replay/sieve.h"

#define PAGE 4096ull

/* --- what is watched --- */

static uint8_t guard_of(enum watch_kind kind)
{
	return kind == WATCH_WRITE ? MOVE_WRITE : MOVE_TOUCH;
}

static struct watch *find(struct replay *s, int32_t tgid, enum watch_kind kind, uint64_t addr, uint64_t len)
{
	for (size_t i = 0; i < s->watches.n; i++) {
		struct watch *w = &s->watches.at[i];
		if (w->tgid == tgid && w->kind == kind && w->addr == addr && w->len == len)
			return w;
	}
	return NULL;
}

int replay_watch(struct replay *s, int32_t tgid, enum watch_kind kind, uint64_t addr, uint64_t len)
{
	struct watch *w = find(s, tgid, kind, addr, len);
	if (w) {
		w->users++;
		return 0;
	}
	if (!len || len > WATCH_MAX || addr + len < addr)
		return err_set("a watchpoint of %llu bytes: it can have 1 to %llu", (unsigned long long)len,
			       (unsigned long long)WATCH_MAX);
	w = VEC_PUSH(&s->watches);
	*w = (struct watch){.tgid = tgid, .kind = kind, .addr = addr, .len = len, .users = 1};
	w->was = xmalloc(len);
	for (uint64_t page = addr & ~(PAGE - 1); page < addr + len; page += PAGE)
		guards_use(s, tgid, guard_of(kind), page);
	return 0;
}

void replay_unwatch(struct replay *s, int32_t tgid, enum watch_kind kind, uint64_t addr, uint64_t len)
{
	struct watch *w = find(s, tgid, kind, addr, len);
	if (!w || --w->users)
		return;
	for (uint64_t page = addr & ~(PAGE - 1); page < addr + len; page += PAGE)
		guards_forget(s, tgid, guard_of(kind), page);
	free(w->was);
	*w = s->watches.at[--s->watches.n];
}

void replay_unwatch_all(struct replay *s, int32_t tgid)
{
	for (size_t i = s->watches.n; i-- > 0;) {
		struct watch *w = &s->watches.at[i];
		if (w->tgid != tgid)
			continue;
		w->users = 1;
		replay_unwatch(s, tgid, w->kind, w->addr, w->len);
	}
}

uint64_t watch_key(const struct replay *s)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < s->watches.n; i++) {
		const struct watch *w = &s->watches.at[i];
		uint64_t what[] = {(uint64_t)w->tgid, w->kind, w->addr, w->len};
		sum += XXH64(what, sizeof(what), 1);
	}
	return sum;
}

void watch_free(struct replay *s)
{
	for (size_t i = 0; i < s->watches.n; i++)
		free(s->watches.at[i].was);
	VEC_FREE(&s->watches);
	VEC_FREE(&s->guards);
}

/* --- values --- */

/* The process is there as long as its leader is. */
static struct ptask *task_of(struct replay *s, const struct watch *w)
{
	return replay_task(s, w->tgid);
}

static void load(struct replay *s, struct watch *w)
{
	struct ptask *t = task_of(s, w);
	w->known = t && mem_read(t->pid, w->addr, w->was, w->len) == w->len;
	w->hit = false;
}

void watch_begin(struct replay *s)
{
	for (size_t i = 0; i < s->watches.n; i++) {
		if (!s->watches.at[i].known)
			load(s, &s->watches.at[i]);
	}
}

void watch_restart(struct replay *s)
{
	for (size_t i = 0; i < s->watches.n; i++)
		s->watches.at[i].known = false;
	guards_restart(s);
}

static bool changed(struct replay *s, struct watch *w)
{
	uint8_t small[64], *now = w->len <= sizeof(small) ? small : xmalloc(w->len);
	struct ptask *t = task_of(s, w);
	bool there = t && mem_read(t->pid, w->addr, now, w->len) == w->len;
	bool differs = there && w->known && memcmp(now, w->was, w->len);
	if (there)
		memcpy(w->was, now, w->len);
	w->known = there;
	if (now != small)
		free(now);
	return differs;
}

int watch_look(struct replay *s, struct ptask *t)
{
	const struct watch *first = NULL;
	for (size_t i = 0; i < s->watches.n; i++) {
		struct watch *w = &s->watches.at[i];
		bool differs = changed(s, w), hit = w->hit || (differs && w->kind != WATCH_READ);
		w->hit = false;
		if (hit && !first)
			first = w;
	}
	if (!first)
		return 0;
	s->stop->addr = first->addr;
	s->stop->code = first->kind;
	return stop_for(s, t && t->proc->tgid == first->tgid ? t : task_of(s, first), STOP_WATCH);
}

/* --- which bytes an instruction touches --- */

struct access {
	uint64_t addr, len;
	bool reads;
};

static void put(ZydisRegisterContext *c, ZydisRegister r64, ZydisRegister r32, uint64_t v)
{
	c->values[r64] = v;
	c->values[r32] = (uint32_t)v;
}

static void put_regs(ZydisRegisterContext *c, const regs_t *r)
{
	put(c, ZYDIS_REGISTER_RAX, ZYDIS_REGISTER_EAX, r->rax);
	put(c, ZYDIS_REGISTER_RCX, ZYDIS_REGISTER_ECX, r->rcx);
	put(c, ZYDIS_REGISTER_RDX, ZYDIS_REGISTER_EDX, r->rdx);
	put(c, ZYDIS_REGISTER_RBX, ZYDIS_REGISTER_EBX, r->rbx);
	put(c, ZYDIS_REGISTER_RSP, ZYDIS_REGISTER_ESP, r->rsp);
	put(c, ZYDIS_REGISTER_RBP, ZYDIS_REGISTER_EBP, r->rbp);
	put(c, ZYDIS_REGISTER_RSI, ZYDIS_REGISTER_ESI, r->rsi);
	put(c, ZYDIS_REGISTER_RDI, ZYDIS_REGISTER_EDI, r->rdi);
	put(c, ZYDIS_REGISTER_R8, ZYDIS_REGISTER_R8D, r->r8);
	put(c, ZYDIS_REGISTER_R9, ZYDIS_REGISTER_R9D, r->r9);
	put(c, ZYDIS_REGISTER_R10, ZYDIS_REGISTER_R10D, r->r10);
	put(c, ZYDIS_REGISTER_R11, ZYDIS_REGISTER_R11D, r->r11);
	put(c, ZYDIS_REGISTER_R12, ZYDIS_REGISTER_R12D, r->r12);
	put(c, ZYDIS_REGISTER_R13, ZYDIS_REGISTER_R13D, r->r13);
	put(c, ZYDIS_REGISTER_R14, ZYDIS_REGISTER_R14D, r->r14);
	put(c, ZYDIS_REGISTER_R15, ZYDIS_REGISTER_R15D, r->r15);
}

static bool access_of(const ZydisDecodedInstruction *in, const ZydisDecodedOperand *op, const regs_t *r,
		      struct access *a)
{
	ZydisRegisterContext c = {0};
	if (op->type != ZYDIS_OPERAND_TYPE_MEMORY || op->mem.type != ZYDIS_MEMOP_TYPE_MEM)
		return false;
	put_regs(&c, r);
	if (ZYAN_FAILED(ZydisCalcAbsoluteAddressEx(in, op, r->rip, &c, &a->addr)))
		return false;
	a->len = op->size / 8;
	a->reads = op->actions & ZYDIS_OPERAND_ACTION_MASK_READ;
	if (op->mem.segment == ZYDIS_REGISTER_FS)
		a->addr += r->fs_base;
	if (op->mem.segment == ZYDIS_REGISTER_GS)
		a->addr += r->gs_base;
	/* What is pushed goes below rsp. */
	bool pushed = op->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN && op->mem.base == ZYDIS_REGISTER_RSP;
	if (pushed && op->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE)
		a->addr -= a->len;
	return true;
}

static void accessed(struct replay *s, const struct ptask *t, const struct access *a)
{
	for (size_t i = 0; i < s->watches.n; i++) {
		struct watch *w = &s->watches.at[i];
		bool overlaps = a->addr < w->addr + w->len && a->addr + a->len > w->addr;
		bool counts = w->kind == WATCH_ACCESS || (w->kind == WATCH_READ && a->reads);
		w->hit |= overlaps && counts && task_of(s, w) && task_of(s, w)->mm == t->mm;
	}
}

/* `t` faulted at `addr` on a page that may not be touched: which of the watched bytes does the instruction
 * touch? Where Zydis cannot tell (gathers), the faulting address counts. */
static void note_accesses(struct replay *s, struct ptask *t, uint64_t addr)
{
	ZydisDecoder d;
	ZydisDecodedInstruction in;
	ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
	uint8_t code[16];
	struct access a;
	bool any = false;
	size_t n = mem_read(t->pid, t->regs.rip, code, sizeof(code));
	points_mask(t->mm, t->regs.rip, code, n);
	ZydisDecoderInit(&d, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	if (ZYAN_SUCCESS(ZydisDecoderDecodeFull(&d, code, n, &in, ops))) {
		for (unsigned i = 0; i < in.operand_count; i++) {
			if (!access_of(&in, &ops[i], &t->regs, &a))
				continue;
			accessed(s, t, &a);
			any = true;
		}
	}
	if (!any)
		accessed(s, t, &(struct access){addr, 1, true});
}

/* --- faults --- */

static bool in_runtime(uint64_t ip)
{
	return ip >= RUNTIME_BASE && ip < RUNTIME_END;
}

/* The runtime's accesses lead to another station, and a sieve's are ours: neither is counted. */
static bool is_programs(const struct replay *s, const struct ptask *t)
{
	uint64_t ip = t->regs.rip;
	return !in_runtime(ip) && !(s->sieve && ip - s->sieve < SIEVE_COPY);
}

static bool noted(const struct ptask *t, uint64_t key)
{
	for (unsigned i = 0; i < t->ntouched; i++) {
		if (t->touched[i] == key)
			return true;
	}
	return false;
}

/* `t` has come to an instruction that does to `page` what `kind` says. 0; -1: the journey is over there. */
static int come_to(struct replay *s, struct ptask *t, uint64_t page, uint8_t kind)
{
	if (noted(t, page | kind))
		return 0;
	s->fresh = true; /* the instruction that has begun is not made */
	if (t->ntouched < ARRAY_LEN(t->touched))
		t->touched[t->ntouched++] = page | kind;
	t->visited = t->regs.rip; /* it has arrived there before it touches anything */
	station_look(s, t);
	for (size_t i = 0; i < s->guards.n; i++) {
		struct guard *g = &s->guards.at[i];
		if (g->page != page || g->kind != kind || !guard_matters(g, t))
			continue;
		if (!position_same_base(&g->from, &s->here)) {
			g->from = s->here;
			g->from.nmoves = 0;
			g->from.vague = false;
			g->n = 0;
		}
		g->n++;
		s->here = g->from;
		position_add(&s->here, kind, g->n, page);
	}
	return journey_is(s, kind, page) && journey_moved(s, t) ? -1 : 0;
}

/* Has `t` stopped because it may not touch a page? *addr: what it touched. */
static bool is_refused(struct ptask *t, int status, uint64_t *addr)
{
	siginfo_t si;
	if (pt_event(status) || WSTOPSIG(status) != SIGSEGV || pt_siginfo(t->pid, &si) ||
	    si.si_code != SEGV_ACCERR)
		return false;
	*addr = (uint64_t)si.si_addr;
	return true;
}

/* `t` may not touch `addr`: if a guard is the reason, the instruction may from now on. 1; 0: it is the
 * program's fault; -1. */
static int allow(struct replay *s, struct ptask *t, uint64_t addr)
{
	struct guarded *g = guards_at(t->mm, addr);
	if (!g || g->now == g->prot)
		return guards_grown(t, addr);
	uint8_t kind = guard_level(g);
	if (pt_getregs(t->pid, &t->regs))
		return err_set("lost task %d", t->tid);
	if (is_programs(s, t) && kind == MOVE_TOUCH)
		note_accesses(s, t, addr);
	if (is_programs(s, t) && come_to(s, t, g->page, kind))
		return -1;
	return guard_lower(t, g) ? -1 : 1;
}

int watch_pass(struct replay *s, struct ptask *t, bool raw, int *status)
{
	uint64_t addr;
	while (is_refused(t, *status, &addr)) {
		int rc = allow(s, t, addr);
		if (rc <= 0)
			return rc;
		do
			rc = raw ? step_raw(s, t, status) : step_rest(s, t, status);
		while (!rc && pt_event(*status) == PTRACE_EVENT_STOP);
		if (rc == 1)
			s->fresh = false; /* now it is made */
		if (rc)
			return rc;
	}
	return 0;
}

/* A moment that the recording knows by its state only (record/stall.c): run on until the task is
 * in that state. */
#include "replay/session.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "base/err.h"
#include "replay/sieve.h"
#include "task/checksum.h"
#include "task/moment.h"

struct search {
	struct replay *s;
	struct ptask *t;
	const struct event *ev;
	struct moment m;
	struct sieve v;
	struct live_code code;
	uint8_t bytes[2 * DETOUR_LOOK];
	uint8_t xstate[XSTATE_MAX];
	int part; /* of memory that differed the last time, or -1 */
	bool still, lent;
};

/* --- comparing --- */

static const size_t reg_offset[16] = {
	offsetof(regs_t, rax), offsetof(regs_t, rcx), offsetof(regs_t, rdx), offsetof(regs_t, rbx),
	offsetof(regs_t, rsp), offsetof(regs_t, rbp), offsetof(regs_t, rsi), offsetof(regs_t, rdi),
	offsetof(regs_t, r8),  offsetof(regs_t, r9),  offsetof(regs_t, r10), offsetof(regs_t, r11),
	offsetof(regs_t, r12), offsetof(regs_t, r13), offsetof(regs_t, r14), offsetof(regs_t, r15),
};

static uint64_t reg_of(const regs_t *r, unsigned n)
{
	uint64_t v;
	memcpy(&v, (const char *)r + reg_offset[n], 8);
	return v;
}

/* Each of these returns true when something differs; then *it says what. */
static bool regs_differ(const struct search *f, struct sieve_item *it)
{
	for (unsigned i = 0; i < 16; i++) {
		uint64_t want = reg_of(&f->ev->regs, i);
		if (reg_of(&f->t->regs, i) != want) {
			*it = (struct sieve_item){SIEVE_REG, (uint8_t)i, 0, want};
			return true;
		}
	}
	return false;
}

/* What no sieve looks at. */
static bool others_differ(const struct search *f)
{
	const regs_t *a = &f->t->regs, *b = &f->ev->regs;
	return (a->eflags ^ b->eflags) & MOMENT_FLAGS || a->fs_base != b->fs_base ||
	       a->gs_base != b->gs_base || a->fs != b->fs || a->gs != b->gs || a->ds != b->ds ||
	       a->es != b->es || a->ss != b->ss || a->cs != b->cs;
}

static bool windows_differ(const struct search *f, struct sieve_item *it)
{
	uint8_t have[1024];
	for (unsigned i = 0; i < f->m.n; i++) {
		const struct moment_window *w = &f->m.windows[i];
		size_t n = mem_read(f->t->pid, w->addr, have, w->len), at = 0;
		if (n == w->len && !memcmp(have, w->data, n))
			continue;
		while (at + 8 <= n && !memcmp(have + at, w->data + at, 8))
			at += 8;
		it->kind = SIEVE_MEM;
		it->addr = at + 8 <= n ? w->addr + at : 0;
		if (it->addr)
			memcpy(&it->value, w->data + at, 8);
		return true;
	}
	return false;
}

#define XMM_AT 160 /* in the extended state, 16 bytes each */

static bool xstate_differs(struct search *f, struct sieve_item *it)
{
	const uint8_t *want = f->ev->xstate;
	ssize_t n = pt_xstate(f->t->pid, f->xstate, sizeof(f->xstate));
	it->addr = 0;
	if (n < 0 || moment_same_xstate(f->xstate, (size_t)n, want, f->ev->xstate_len))
		return n < 0;
	for (unsigned i = 0; i < 32 && f->ev->xstate_len >= 576; i++) {
		if (!memcmp(f->xstate + XMM_AT + 8 * i, want + XMM_AT + 8 * i, 8))
			continue;
		it->kind = SIEVE_XMM;
		it->n = (uint8_t)i;
		it->addr = 1;
		memcpy(&it->value, want + XMM_AT + 8 * i, 8);
		break;
	}
	return true;
}

/* --- the sieve in the task --- */

static int64_t remote(struct search *f, int64_t nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	return remote_one(f->t->pid, REMOTE_REPLAY, nr, a, b, c, d, (uint64_t)-1, 0);
}

#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

/* Free pages, or (`lent`) pages that are mapped, but nobody can use and nobody has used: JIT
 * compilers reserve all that is near their code. */
static bool is_room(const struct search *f, const struct space *now, uint64_t at, bool lent)
{
	const struct mapping *m = space_from(now, at);
	if (at < 0x10000 || at >> 47)
		return false;
	if (!lent)
		return !m || m->recorded.start >= at + SIEVE_SIZE;
	if (!m || m->recorded.start > at || m->recorded.end < at + SIEVE_SIZE || m->recorded.prot ||
	    m->recorded.flags != MAPF_ANON || m->recorded.name[0])
		return false;
	for (uint64_t p = at; p < at + SIEVE_SIZE; p += 4096) {
		if (page_is_private(f->t->pid, p))
			return false;
	}
	return true;
}

static void unmap_pages(struct search *f)
{
	f->s->sieve = 0;
	if (f->lent)
		remote(f, SYS_mmap, f->v.page, SIEVE_SIZE, PROT_NONE, ANONYMOUS | MAP_FIXED);
	else
		remote(f, SYS_munmap, f->v.page, SIEVE_SIZE, 0, 0);
}

/* Room that the jump reaches. */
static bool map_one_of(struct search *f, const struct space *now, bool lent)
{
	int32_t d;
	for (unsigned i = 0; sieve_distance(&f->v.d, i, &d); i++) {
		uint64_t entry = f->v.d.at + DETOUR_JUMP + (uint64_t)(int64_t)d, at = entry & ~4095ull;
		if (!is_room(f, now, at, lent) ||
		    remote(f, SYS_mmap, at, SIEVE_SIZE, PROT_READ | PROT_EXEC,
			   ANONYMOUS | (lent ? MAP_FIXED : MAP_FIXED_NOREPLACE)) != (int64_t)at)
			continue;
		f->v.page = at;
		f->v.entry = (unsigned)(entry - at);
		f->s->sieve = at;
		f->lent = lent;
		if (!sieve_make(&f->v, &f->code))
			return true;
		unmap_pages(f); /* what the displaced instructions refer to is out of reach there */
	}
	return false;
}

static int map_pages(struct search *f)
{
	struct space now = {0};
	if (maps_read(f->t->pid, &now))
		return err_set("lost task %d", f->t->tid);
	bool done = map_one_of(f, &now, false) || map_one_of(f, &now, true);
	space_clear(&now);
	return done ? 0 : err_set("there is no room near 0x%llx", (unsigned long long)f->v.d.at);
}

static int write_task(struct search *f, uint64_t at, const void *bytes, size_t n)
{
	int rc = mem_write(f->t->pid, at, bytes, n);
	return rc ? err_sys(-rc, "cannot change the code of task %d at 0x%llx", f->t->tid,
			    (unsigned long long)at)
		  : 0;
}

static int plant(struct search *f)
{
	uint8_t jump[DETOUR_JUMP] = {0xe9};
	int32_t d = (int32_t)(f->v.page + f->v.entry - (f->v.d.at + DETOUR_JUMP));
	memcpy(jump + 1, &d, 4);
	return write_task(f, f->v.d.at, jump, sizeof(jump));
}

static int unplant(struct search *f)
{
	return write_task(f, f->v.d.at, f->bytes + (f->v.d.at - f->code.base), DETOUR_JUMP);
}

static int set_ip(struct search *f, uint64_t ip)
{
	f->t->regs.rip = ip;
	return pt_setregs(f->t->pid, &f->t->regs) ? err_set("lost task %d", f->t->tid) : 0;
}

/* Where the displaced instruction at `ip`, which is not the first, is now; or 0. */
static uint64_t between(const struct search *f, uint64_t ip)
{
	for (unsigned i = 1; i < f->v.d.n; i++) {
		if (ip == f->v.d.app[i])
			return f->v.page + SIEVE_COPY + f->v.d.off[i];
	}
	return 0;
}

static int write_sieve(struct search *f)
{
	const struct sieve *v = &f->v;
	return write_task(f, v->page + v->entry, v->code + v->entry, v->len - v->entry) ||
	       write_task(f, v->page + SIEVE_COPY, v->code + SIEVE_COPY, SIEVE_SIZE - SIEVE_COPY);
}

static int check_cpu(struct search *f)
{
	ssize_t n = pt_xstate(f->t->pid, f->xstate, sizeof(f->xstate));
	if (n >= 0 && (size_t)n != f->ev->xstate_len)
		return err_set(
			"event %llu cannot be found here: the recording's CPU keeps %zu bytes of extended "
			"registers, this one %zd; replay it on a CPU like that",
			(unsigned long long)f->ev->seq, f->ev->xstate_len, n);
	return 0;
}

static int prepare(struct search *f)
{
	uint64_t at = f->ev->regs.rip;
	if (detour_look(f->t->pid, &f->t->mm->space, at, f->bytes, &f->code))
		return err_set("the trace is damaged: a moment outside of the program's code");
	f->still = detour_still(&f->code, at);
	if (f->still)
		return 0;
	if (detour_plan(&f->code, at, &f->v.d))
		return diverge(f->s, f->t, "the code at 0x%llx is not the recorded one",
			       (unsigned long long)at);
	if (map_pages(f))
		return -1;
	if (pt_getregs(f->t->pid, &f->t->regs))
		return err_set("lost task %d", f->t->tid);
	if (between(f, f->t->regs.rip) && set_ip(f, between(f, f->t->regs.rip)))
		return -1;
	return write_sieve(f) || plant(f) ? -1 : 0;
}

/* --- the search --- */

static bool memory_differs(struct search *f)
{
	uint64_t sums[MOMENT_SUMS], sum, used;
	const struct space *sp = &f->t->mm->space;
	if (buffer_used(f->t, &used)) /* the mappings are those of here */
		return true;
	/* What differed the last time probably still does. */
	if (f->part >= 0 &&
	    (moment_part(f->t->pid, sp, (unsigned)f->part, &sum) || memcmp(&sum, f->m.sums + 8 * f->part, 8)))
		return true;
	if (moment_sums(f->t->pid, sp, sums))
		return true;
	for (int i = 0; i < MOMENT_SUMS; i++) {
		if (memcmp(&sums[i], f->m.sums + 8 * i, 8)) {
			f->part = i;
			return true;
		}
	}
	return buffer_left(f->t);
}

/* Is this the moment? If something tells that it is not, let the sieve look at that next time. */
static bool is_it(struct search *f)
{
	struct sieve_item it = {0};
	bool more = f->v.nitems < SIEVE_ITEMS;
	if (regs_differ(f, &it)) {
		if (more)
			f->v.items[f->v.nitems++] = it;
		return false;
	}
	/* A register may point to the code. */
	points_lift(f->t);
	if (unplant(f))
		return false;
	if (windows_differ(f, &it) || xstate_differs(f, &it)) {
		if (more && it.addr)
			f->v.items[f->v.nitems++] = it;
		return false;
	}
	return !others_differ(f) && !memory_differs(f);
}

static int sift(struct search *f)
{
	siginfo_t si;
	for (;;) {
		int sig = run_to_fault(f->s, f->t, &si, f->ev->ticks + 1);
		if (sig < 0)
			return -1;
		uint64_t at = f->t->regs.rip - (sig == SIGTRAP), copy = between(f, at);
		if ((sig == SIGTRAP || sig == SIGILL) && copy) {
			if (set_ip(f, copy))
				return -1;
			continue;
		}
		if (sig != SIGTRAP || at != f->v.page + f->v.trap)
			return diverge(f->s, f->t,
				       "the task came to 0x%llx without having been in the recorded state",
				       (unsigned long long)placed_to_app(&f->t->mm->images, at));
		unsigned n = f->v.nitems;
		if (is_it(f))
			return 0;
		if (n != f->v.nitems && (sieve_make(&f->v, &f->code) || write_sieve(f)))
			return -1;
		if (plant(f) || set_ip(f, f->v.page + SIEVE_COPY))
			return -1;
	}
}

/* --- code that does nothing but go round (detour_still), often too short for a jump --- */

static int stop_still(struct search *f)
{
	struct sieve_item it;
	siginfo_t si;
	uint64_t at = f->ev->regs.rip;
	const uint8_t *was = f->bytes + (at - f->code.base);
	if (write_task(f, at, "\xcc", 1))
		return -1;
	int sig = run_to_fault(f->s, f->t, &si, f->ev->ticks + 1);
	if (write_task(f, at, was, 1) || sig < 0)
		return -1;
	if (sig != SIGTRAP || f->t->regs.rip - 1 != at)
		return diverge(f->s, f->t, "the task did not come to its loop at 0x%llx",
			       (unsigned long long)at);
	if (set_ip(f, at))
		return -1;
	if (regs_differ(f, &it) || windows_differ(f, &it) || xstate_differs(f, &it) || others_differ(f) ||
	    memory_differs(f))
		return diverge(f->s, f->t,
			       "the task came to its loop in another state than the recorded one");
	return 0;
}

/* Interrupted in the sieve itself, the task's registers are not the program's: let it go on to the sieve's
 * trap, or to the copies of what the jump displaces. 0 or -1. */
static int leave_sieve(struct search *f)
{
	const struct sieve *v = &f->v;
	int status;
	while (f->t->regs.rip - v->page < SIEVE_COPY) {
		if (f->t->regs.rip == v->page + v->trap)
			return set_ip(f, v->d.at);
		if (step_raw(f->s, f->t, &status) != 1)
			return err_set("task %d does not leave the search for a moment", f->t->tid);
	}
	return 0;
}

/* Take the jump away; a task that is at a copy of a displaced instruction goes to the instruction. */
static int leave(struct search *f)
{
	const struct sieve *v = &f->v;
	uint64_t ip;
	if (!v->page)
		return 0;
	if (unplant(f) || pt_getregs(f->t->pid, &f->t->regs) || leave_sieve(f))
		return -1;
	ip = f->t->regs.rip;
	for (unsigned i = 0; i < v->d.n; i++) {
		if (ip == v->page + SIEVE_COPY + v->d.off[i] && set_ip(f, v->d.app[i]))
			return -1;
	}
	unmap_pages(f);
	return 0;
}

static int search(struct search *f)
{
	if (check_cpu(f) || prepare(f))
		return -1;
	if (f->still)
		return stop_still(f);
	int rc = sift(f);
	return (!rc || f->s->stopped) && leave(f) ? -1 : rc;
}

int search_moment(struct replay *s, struct ptask *t, const struct event *ev)
{
	struct search *f = xcalloc(1, sizeof(*f));
	f->s = s;
	f->t = t;
	f->ev = ev;
	f->part = -1;
	int rc = moment_read(ev->blob, ev->blob_len, &f->m)
			 ? err_set("the trace is damaged: a malformed moment")
			 : 0;
	s->partial = s->searching = true; /* calls may come after the last safepoint */
	if (t->mm->plants_fast)
		points_lift(t); /* no jumps of others */
	if (!rc && ev->ticks)
		rc = run_to_safepoint(s, t, ev->ticks);
	if (!rc)
		rc = search(f) || ticks_trap(t, 0) || ptask_set_regs(t, &ev->regs) ? -1 : 0;
	s->partial = s->searching = false;
	free(f);
	return rc ? rc : buffer_check(s, t);
}

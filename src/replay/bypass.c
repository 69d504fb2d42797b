/* Breakpoints that are often passed by. Near the program's code stand pages of ours with a copy of the
 * instruction that an int3 displaces, so that a task goes on there without a single step. Where a
 * breakpoint's condition has code (replay/bypass.h), a jump stands in place of the int3: the code is
 * evaluated in the task, visits are counted, and a stop is made only where the condition may be true. */
#include "replay/session.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/err.h"
#include "layout.h"
#include "replay/bypass.h"
#include "replay/sieve.h"
#include "shared.h"

#define TRIES 4096
#define BYPASSES_MAX RUNTIME_BATCH_MAX /* of a space */
#define STACK_ROOM (64ull << 20)       /* below a stack, which grows */

/* --- room for the pages --- */

/* Calls that replay is about to make again map no memory there. */
static bool is_redone(const struct pmm *mm, uint64_t lo, uint64_t hi)
{
	for (size_t i = 0; i < mm->redone.n; i++) {
		if (mm->redone.at[i].lo < hi && mm->redone.at[i].hi > lo)
			return true;
	}
	return false;
}

static bool is_room(const struct pmm *mm, const struct space *now, uint64_t at)
{
	const struct mapping *m = space_from(now, at);
	uint64_t room = m && m->recorded.flags & MAPF_GROWSDOWN ? STACK_ROOM : 0;
	if (at < 0x10000 || at >> 47 || is_redone(mm, at, at + BYPASS_SIZE))
		return false;
	return !m || m->recorded.start >= at + BYPASS_SIZE + room;
}

static int map_pages(struct ptask *t, uint64_t at)
{
	struct remote_call c[] = {
		{SYS_mmap,
		 {at, BYPASS_SIZE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
		  (uint64_t)-1, 0},
		 0},
		{SYS_mprotect,
		 {at + BYPASS_WRITTEN, BYPASS_SIZE - BYPASS_WRITTEN, PROT_READ | PROT_WRITE},
		 0},
	};
	return remote_batch(t->pid, c, 2, REMOTE_REPLAY) || c[0].result != (int64_t)at || c[1].result ? -1
												      : 0;
}

static bool find_room(struct ptask *t, struct bypass *b, const struct live_code *c)
{
	struct space now = {0};
	uint8_t out[BYPASS_WRITTEN];
	int32_t d;
	if (maps_read(t->pid, &now))
		return false;
	for (unsigned i = 0; !b->page && i < TRIES && sieve_distance(&b->c.d, i, &d); i++) {
		uint64_t entry = b->at + DETOUR_JUMP + (uint64_t)(int64_t)d, at = entry & ~4095ull;
		if (!is_room(t->mm, &now, at) || bypass_copies(&b->c, c, at, out) || map_pages(t, at))
			continue;
		b->page = at;
		b->c.entry = (unsigned)(entry - at);
	}
	space_clear(&now);
	return b->page;
}

/* --- making one --- */

/* Are there instructions behind the first that a jump of the image displaces already? */
static bool is_patched(struct ptask *t, const struct detour *d)
{
	for (uint64_t at = d->at + 1; at < d->at + d->len; at++) {
		if (placed_to_stub(&t->mm->images, &t->mm->space, at) != at)
			return true;
	}
	return false;
}

/* Nobody changes the text of a file that is mapped without the right to write. */
static bool is_constant(struct ptask *t, uint64_t at)
{
	const struct mapping *m = space_find(&t->mm->space, at);
	return m && m->source == SRC_FILE && !(m->recorded.prot & PROT_WRITE) &&
	       !(m->recorded.flags & MAPF_SHARED);
}

/* A journey wants to hear of each visit; in a stub a jump has no room. */
static bool may_jump(const struct point *p, uint64_t at)
{
	return p->code_len && p->users == p->breaks && at == p->addr;
}

static struct bypass *find(struct pmm *mm, uint64_t at, bool jumps)
{
	for (size_t i = 0; i < mm->bypasses.n; i++) {
		if (mm->bypasses.at[i].at == at && mm->bypasses.at[i].jumps == jumps)
			return &mm->bypasses.at[i];
	}
	return NULL;
}

/* The one at this place, made if there is none; its page is 0 where it cannot be made. Or NULL. */
static struct bypass *get(struct ptask *t, uint64_t at, bool jumps, const struct live_code *c)
{
	struct bypass *b = find(t->mm, at, jumps);
	if (b || t->mm->bypasses.n == BYPASSES_MAX)
		return b;
	b = VEC_PUSH(&t->mm->bypasses);
	b->at = at;
	b->jumps = jumps;
	if (!bypass_displace(c, at, jumps, &b->c) && !(jumps && is_patched(t, &b->c.d))) {
		memcpy(b->code, c->bytes + (at - c->base), b->c.d.len);
		find_room(t, b, c);
	}
	return b;
}

/* Another library may be there now. */
static bool is_same(const struct bypass *b, const struct live_code *c)
{
	return b->at - c->base + b->c.d.len <= c->len &&
	       !memcmp(b->code, c->bytes + (b->at - c->base), b->c.d.len);
}

struct ranges {
	uint64_t at[2 * BYPASS_RANGES + 2];
	unsigned n;
};

static void add_range(struct ranges *r, uint64_t lo, uint64_t hi)
{
	unsigned i = r->n;
	if (r->n == 2 * BYPASS_RANGES)
		return;
	lo = lo > 7 ? lo - 7 : 0;
	for (; i && r->at[i - 2] > lo; i -= 2)
		memcpy(&r->at[i], &r->at[i - 2], 16);
	r->at[i] = lo;
	r->at[i + 1] = hi;
	r->n += 2;
}

/* Where the task's memory is not what the program sees: code, in which we have put jumps and traps, and what
 * is ours. False: too much. */
static bool hidden(struct ptask *t, const struct bypass *b, struct ranges *r)
{
	r->n = 0;
	add_range(r, RUNTIME_BASE, RUNTIME_END);
	add_range(r, b->page, b->page + BYPASS_SIZE);
	for (const struct mapping *m = space_first(&t->mm->space); m; m = space_next(&t->mm->space, m)) {
		if (m->recorded.prot & PROT_EXEC || m->recorded.flags & MAPF_AREA)
			add_range(r, m->recorded.start, m->recorded.end);
	}
	r->at[r->n] = r->at[r->n + 1] = UINT64_MAX;
	return r->n < 2 * BYPASS_RANGES;
}

/* Write all that belongs into the pages. */
static int fill(struct ptask *t, struct bypass *b, const struct point *p, const struct live_code *c)
{
	uint8_t out[BYPASS_WRITTEN] = {0};
	uint64_t links[2]; /* at BYPASS_FAILS and BYPASS_READS */
	struct ranges r;
	_Static_assert(BYPASS_READS == BYPASS_FAILS + 8, "neighbours");
	if (bypass_copies(&b->c, c, b->page, out))
		return -1;
	if (!b->jumps)
		return mem_write(t->pid, b->page, out, sizeof(out));
	bypass_emit(&b->c, b->page, p->code, p->code_len, out, &links[0], &links[1]);
	return !hidden(t, b, &r) || mem_write(t->pid, b->page, out, sizeof(out)) ||
			       mem_write(t->pid, b->page + BYPASS_BASE + BYPASS_FAILS, links,
					 sizeof(links)) ||
			       mem_write(t->pid, b->page + BYPASS_TABLE, r.at, 8 * (r.n + 2))
		       ? -1
		       : 0;
}

struct bypass *bypass_make(struct ptask *t, const struct point *p, uint64_t at, const struct live_code *c)
{
	if (!is_constant(t, at))
		return NULL;
	for (int jumps = may_jump(p, at); jumps >= 0; jumps--) {
		struct bypass *b = get(t, at, jumps, c);
		if (b && b->page && is_same(b, c) && !fill(t, b, p, c))
			return b;
	}
	return NULL;
}

void bypass_jump(const struct bypass *b, uint8_t jump[5])
{
	int32_t d = (int32_t)(b->page + b->c.entry - (b->at + DETOUR_JUMP));
	jump[0] = 0xe9;
	memcpy(jump + 1, &d, 4);
}

bool bypass_overlaps(const struct pmm *mm, uint64_t lo, uint64_t hi)
{
	for (size_t i = 0; i < mm->bypasses.n; i++) {
		const struct bypass *b = &mm->bypasses.at[i];
		if (b->page && b->page < hi && b->page + BYPASS_SIZE > lo)
			return true;
	}
	return false;
}

int bypass_unmap(struct ptask *t)
{
	struct remote_call c[BYPASSES_MAX];
	unsigned n = 0;
	for (size_t i = 0; i < t->mm->bypasses.n; i++) {
		const struct bypass *b = &t->mm->bypasses.at[i];
		if (b->page)
			c[n++] = (struct remote_call){SYS_munmap, {b->page, BYPASS_SIZE}, 0};
	}
	t->mm->bypasses.n = 0;
	return n && remote_batch(t->pid, c, n, REMOTE_REPLAY) ? err_set("lost task %d", t->tid) : 0;
}

/* --- counts --- */

static struct point *point_of(struct replay *s, const struct ptask *t, uint64_t app)
{
	for (size_t i = 0; i < s->points.n; i++) {
		struct point *p = &s->points.at[i];
		if (p->addr == app && p->users && (!p->tgid || p->tgid == t->proc->tgid))
			return p;
	}
	return NULL;
}

/* The bypass that the jump at plant `pl` leads to, or NULL. */
static struct bypass *jumped(struct pmm *mm, const struct plant *pl)
{
	return pl->bypass && pl->len > 1 ? &mm->bypasses.at[pl->bypass - 1] : NULL;
}

int bypass_begin(struct replay *s, struct ptask *t)
{
	for (size_t i = 0; i < t->mm->plants.n; i++) {
		struct bypass *b = jumped(t->mm, &t->mm->plants.at[i]);
		const struct point *p = b ? point_of(s, t, t->mm->plants.at[i].app) : NULL;
		if (!p)
			continue;
		b->counts = (struct bypass_counts){0, BYPASS_NO_STATION, 0};
		bool counted = position_same_base(&p->from, &s->here);
		if (counted)
			b->counts.visits = p->visits;
		if ((counted && mem_read(t->pid, RUNTIME_TICKS, &b->counts.ticks, 8) != 8) ||
		    mem_read(t->pid, RUNTIME_STATE + offsetof(struct state, pos), &b->counts.calls, 8) != 8 ||
		    mem_write(t->pid, b->page + BYPASS_COUNTS, &b->counts, sizeof(b->counts)))
			return err_set("lost task %d", t->tid);
	}
	return 0;
}

/* Take over what was counted while `t` ran. */
static int collect(struct replay *s, struct ptask *t)
{
	for (size_t i = 0; i < t->mm->plants.n; i++) {
		struct bypass_counts now;
		struct bypass *b = jumped(t->mm, &t->mm->plants.at[i]);
		struct point *p = b ? point_of(s, t, t->mm->plants.at[i].app) : NULL;
		if (!p)
			continue;
		if (mem_read(t->pid, b->page + BYPASS_COUNTS, &now, sizeof(now)) != sizeof(now))
			return err_set("lost task %d", t->tid);
		if (now.ticks != b->counts.ticks) {
			p->from = (struct position){
				.event = s->here.event,
				.calls = s->here.calls,
				.ticks = t->zero_at - now.ticks / RUNTIME_TICK,
			};
			p->visits = now.visits;
		} else if (now.ticks != BYPASS_NO_STATION) {
			p->visits = now.visits;
		}
	}
	return 0;
}

/* --- stops --- */

int bypass_skip(struct ptask *t, const struct plant *pl)
{
	if (!pl->bypass)
		return 0;
	t->regs.rip = t->mm->bypasses.at[pl->bypass - 1].page + BYPASS_COPY;
	return pt_setregs(t->pid, &t->regs) ? err_set("lost task %d", t->tid) : 1;
}

static int go_to(struct ptask *t, uint64_t ip)
{
	t->regs.rip = ip;
	return pt_setregs(t->pid, &t->regs) ? err_set("lost task %d", t->tid) : 0;
}

/* `t` has stopped in a copy, at offset `off` of the pages: it is at the instruction, or behind it. */
static int leave_copy(struct ptask *t, const struct bypass *b, unsigned off)
{
	for (unsigned i = 0; i < b->c.d.n && off < b->c.back; i++) {
		if (off != BYPASS_COPY + b->c.d.off[i])
			continue;
		if (!i)
			t->visited = b->at;
		return go_to(t, b->c.d.app[i]);
	}
	return go_to(t, b->c.called ? b->c.called : b->at + b->c.d.len);
}

/* Registers as they were when `t` came to the breakpoint. */
static int restore(struct ptask *t, const struct bypass *b, unsigned off)
{
	uint64_t kept[BYPASS_REGS], flags;
	bool began = off >= BYPASS_MAIN && off > b->c.moved;
	if (mem_read(t->pid, b->page + BYPASS_BASE, kept, sizeof(kept)) != sizeof(kept) ||
	    mem_read(t->pid, b->page + BYPASS_TOP - 8, &flags, 8) != 8)
		return err_set("lost task %d", t->tid);
	if (began)
		t->regs.rsp = kept[7];
	if (began && off >= b->c.kept) {
		t->regs.rax = kept[0];
		t->regs.rbx = kept[1];
		t->regs.rcx = kept[2];
		t->regs.rdx = kept[3];
		t->regs.eflags = flags;
	}
	return go_to(t, b->at);
}

/* Where the displaced instruction at `ip`, which is not the first, is now; or 0. */
static uint64_t between(const struct bypass *b, uint64_t ip)
{
	for (unsigned i = 1; i < b->c.d.n; i++) {
		if (ip == b->c.d.app[i])
			return b->page + BYPASS_COPY + b->c.d.off[i];
	}
	return 0;
}

/* `t` has come to an instruction that a jump displaces, by another way than the jump: it traps there. */
static int came_between(struct ptask *t, int sig)
{
	uint64_t at = t->regs.rip - (sig == SIGTRAP);
	for (size_t i = 0; (sig == SIGTRAP || sig == SIGILL) && i < t->mm->plants.n; i++) {
		const struct bypass *b = jumped(t->mm, &t->mm->plants.at[i]);
		uint64_t copy = b ? between(b, at) : 0;
		if (copy)
			return go_to(t, copy) ? -1 : BYPASS_ON;
	}
	return BYPASS_STOPPED;
}

/* In the pages of `b`: at its int3, which means that the condition is to be asked; at a fault, which means
 * that it cannot be evaluated there; or something stops the task from outside. */
static int in_pages(struct ptask *t, const struct bypass *b, int status)
{
	unsigned off = (unsigned)(t->regs.rip - b->page);
	bool outside = pt_event(status);
	if (off >= BYPASS_COPY)
		return leave_copy(t, b, off) ? -1 : BYPASS_STOPPED;
	bool counted = b->jumps && off >= b->c.counted && off < b->c.fails;
	if (restore(t, b, off))
		return -1;
	if (counted)
		t->visited = b->at;
	return outside || counted ? BYPASS_STOPPED : BYPASS_ASKS;
}

int bypass_stopped(struct replay *s, struct ptask *t, int status, const struct plant **at)
{
	if (pt_getregs(t->pid, &t->regs))
		return err_set("lost task %d", t->tid);
	if (collect(s, t))
		return -1;
	for (size_t i = 0; i < t->mm->plants.n; i++) {
		*at = &t->mm->plants.at[i];
		const struct bypass *b = (*at)->bypass ? &t->mm->bypasses.at[(*at)->bypass - 1] : NULL;
		if (b && t->regs.rip - b->page < BYPASS_WRITTEN)
			return in_pages(t, b, status);
	}
	return pt_event(status) ? BYPASS_STOPPED : came_between(t, WSTOPSIG(status));
}

/* Pages of the program that lack a part of their protection while it runs, so that the instructions which
 * write to them, or touch them at all, fault. */
#include "replay/session.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "base/err.h"
#include "layout.h"

#define PAGE 4096ull

/* --- which pages matter --- */

static struct guard *find(struct replay *s, int32_t tgid, uint8_t kind, uint64_t page)
{
	for (size_t i = 0; i < s->guards.n; i++) {
		struct guard *g = &s->guards.at[i];
		if (g->page == page && g->tgid == tgid && g->kind == kind)
			return g;
	}
	return NULL;
}

/* Guards that nobody uses go when something has run since, as points do. */
static void sweep(struct replay *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->guards.n; i++) {
		if (s->guards.at[i].users || s->guards.at[i].left_run == s->runs)
			s->guards.at[n++] = s->guards.at[i];
	}
	s->guards.n = n;
}

void guards_use(struct replay *s, int32_t tgid, uint8_t kind, uint64_t page)
{
	sweep(s);
	struct guard *g = find(s, tgid, kind, page);
	if (!g) {
		g = VEC_PUSH(&s->guards);
		*g = (struct guard){.page = page, .tgid = tgid, .kind = kind, .from = s->here};
		s->guards_made++;
	}
	if (!g->users++)
		s->guards_gen++;
	s->guarding = true;
}

void guards_forget(struct replay *s, int32_t tgid, uint8_t kind, uint64_t page)
{
	struct guard *g = find(s, tgid, kind, page);
	if (!g || !g->users || --g->users)
		return;
	g->left_run = s->runs;
	s->guards_gen++;
}

bool guard_matters(const struct guard *g, const struct ptask *t)
{
	return g->users && (!g->tgid || g->tgid == t->proc->tgid);
}

bool guards_hit(const struct replay *s, const struct ptask *t, uint64_t lo, uint64_t hi)
{
	for (size_t i = 0; i < s->guards.n; i++) {
		const struct guard *g = &s->guards.at[i];
		if ((!g->tgid || g->tgid == t->proc->tgid) && g->page < hi && g->page + PAGE > lo)
			return true;
	}
	return false;
}

/* --- protection --- */

struct guarded *guards_at(struct pmm *mm, uint64_t addr)
{
	for (size_t i = 0; i < mm->guarded.n; i++) {
		if (mm->guarded.at[i].page == (addr & ~(PAGE - 1)))
			return &mm->guarded.at[i];
	}
	return NULL;
}

struct batch {
	struct ptask *t;
	struct remote_call calls[RUNTIME_BATCH_MAX];
	unsigned n;
};

static int flush(struct batch *b)
{
	int rc = b->n ? remote_batch(b->t->pid, b->calls, b->n, REMOTE_REPLAY) : 0;
	for (unsigned i = 0; !rc && i < b->n; i++) {
		if (b->calls[i].result)
			rc = (int)b->calls[i].result;
	}
	b->n = 0;
	return rc ? err_sys(-rc, "cannot protect a page of task %d that is watched", b->t->tid) : 0;
}

/* Neighbours become one call. */
static int protect(struct batch *b, uint64_t page, uint32_t prot)
{
	struct remote_call *last = b->n ? &b->calls[b->n - 1] : NULL;
	if (last && last->args[0] + last->args[1] == page && last->args[2] == prot) {
		last->args[1] += PAGE;
		return 0;
	}
	if (b->n == RUNTIME_BATCH_MAX && flush(b))
		return -1;
	b->calls[b->n++] = (struct remote_call){SYS_mprotect, {page, PAGE, prot}, 0};
	return 0;
}

/* Where the lowest page of a stack is guarded, pages that the stack grows by have what the guard leaves: give
 * them the program's protection. 1: there are such pages. */
static int give_grown(struct ptask *t, struct guarded *g)
{
	uint64_t from = g->lowest && g->now != g->prot ? maps_grown_start(t->pid, g->page) : g->page;
	struct remote_call c = {SYS_mprotect, {from, g->page - from, g->prot}, 0};
	if (from >= g->page)
		return 0;
	g->lowest = false;
	int rc = remote_batch(t->pid, &c, 1, REMOTE_REPLAY);
	rc = rc ? rc : (int)c.result;
	return rc ? err_sys(-rc, "cannot protect the stack of task %d", t->tid) : 1;
}

static int set(struct batch *b, struct guarded *g, uint32_t prot)
{
	if (g->now == prot)
		return 0;
	if (give_grown(b->t, g) < 0)
		return -1;
	g->now = prot;
	return protect(b, g->page, prot);
}

/* What the guards leave of the program's protection. */
static uint32_t left_of(const struct guarded *g)
{
	return g->touches ? 0 : g->writes ? g->prot & ~(uint32_t)PROT_WRITE : g->prot;
}

/* The program's protection of a page that has `prot` for now: held.c may have changed that. */
static uint32_t prot_of(const struct replay *s, uint64_t page, uint32_t prot)
{
	const struct held *f = &s->held;
	return f->active && page >= f->lo && page < f->hi ? f->prot : prot;
}

/* Note the page of `gd` as one to be guarded, if something is mapped there. */
static void add(const struct replay *s, struct pmm *mm, const struct space *now, const struct guard *gd)
{
	const struct mapping *above = space_from(&mm->space, gd->page);
	struct guarded *g = guards_at(mm, gd->page);
	const struct mapping *m = g ? NULL : space_find(now, gd->page);
	if (!g && !m)
		return;
	if (!g) {
		g = VEC_PUSH(&mm->guarded);
		*g = (struct guarded){.page = gd->page,
				      .prot = prot_of(s, gd->page, m->recorded.prot),
				      .now = m->recorded.prot,
				      .lowest = m->recorded.start == gd->page && above &&
						above->recorded.flags & MAPF_GROWSDOWN};
	}
	g->touches |= gd->kind == MOVE_TOUCH;
	g->writes |= gd->kind == MOVE_WRITE;
}

/* The end of the mapping that page `g` is the first of, or of what is below it. */
static uint64_t split_at(const struct pmm *mm, const struct guarded *g)
{
	uint64_t end = g->page;
	const struct guarded *next = g;
	while (g->lowest && next && next->now == g->now) {
		end += PAGE;
		next = guards_at((struct pmm *)mm, end);
	}
	return end;
}

/* A page of the stack whose protection differs splits its mapping, and the kernel compares the limit of the
 * stack with what is below the split alone: lower it by what is above. */
static int bound_stack(struct ptask *t)
{
	uint64_t lowest = UINT64_MAX, cut = 0;
	struct rlimit lim;
	for (size_t i = 0; i < t->mm->guarded.n; i++) {
		const struct guarded *g = &t->mm->guarded.at[i];
		const struct mapping *m =
			g->now != g->prot && g->page < lowest ? space_from(&t->mm->space, g->page) : NULL;
		if (!m || !(m->recorded.flags & MAPF_GROWSDOWN))
			continue;
		lowest = g->page;
		cut = m->recorded.end - split_at(t->mm, g);
	}
	if (cut == t->mm->stack_cut)
		return 0;
	if (prlimit(t->pid, RLIMIT_STACK, NULL, &lim))
		return err_set("lost task %d", t->tid);
	if (lim.rlim_cur != RLIM_INFINITY) {
		lim.rlim_cur += t->mm->stack_cut;
		lim.rlim_cur -= cut < lim.rlim_cur ? cut : lim.rlim_cur;
		if (prlimit(t->pid, RLIMIT_STACK, &lim, NULL))
			return err_set("cannot limit the stack of task %d", t->tid);
	}
	t->mm->stack_cut = cut;
	return 0;
}

/* Which pages are to be guarded from now on? */
static int look_again(struct replay *s, struct ptask *t)
{
	struct pmm *mm = t->mm;
	struct space now = {0};
	bool any = false;
	for (size_t i = 0; i < mm->guarded.n; i++)
		mm->guarded.at[i].touches = mm->guarded.at[i].writes = false;
	for (size_t i = 0; i < s->guards.n && !any; i++)
		any = guard_matters(&s->guards.at[i], t);
	if (any && maps_read(t->pid, &now))
		return err_set("lost task %d", t->tid);
	for (size_t i = 0; i < s->guards.n; i++) {
		if (guard_matters(&s->guards.at[i], t))
			add(s, mm, &now, &s->guards.at[i]);
	}
	space_clear(&now);
	return 0;
}

int guards_plant(struct replay *s, struct ptask *t)
{
	struct pmm *mm = t->mm;
	struct batch b = {.t = t};
	if (mm->guards_gen == s->guards_gen && !mm->lifted)
		return 0;
	if (mm->guards_gen != s->guards_gen && look_again(s, t))
		return -1;
	size_t n = 0;
	for (size_t i = 0; i < mm->guarded.n; i++) {
		struct guarded *g = &mm->guarded.at[i];
		if (set(&b, g, left_of(g)))
			return -1;
		if (g->touches || g->writes)
			mm->guarded.at[n++] = *g;
	}
	mm->guarded.n = n;
	mm->lifted = false;
	mm->guards_gen = s->guards_gen;
	return flush(&b) || bound_stack(t) ? -1 : 0;
}

int guards_lift(struct ptask *t)
{
	struct batch b = {.t = t};
	for (size_t i = 0; i < t->mm->guarded.n; i++) {
		if (set(&b, &t->mm->guarded.at[i], t->mm->guarded.at[i].prot))
			return -1;
	}
	t->mm->guarded.n = 0;
	t->mm->guards_gen = 0;
	return flush(&b) || bound_stack(t) ? -1 : 0;
}

int guards_grown(struct ptask *t, uint64_t addr)
{
	int rc = 0;
	for (size_t i = 0; !rc && i < t->mm->guarded.n; i++) {
		struct guarded *g = &t->mm->guarded.at[i];
		if (addr < g->page && addr >= maps_grown_start(t->pid, g->page))
			rc = give_grown(t, g);
	}
	return rc > 0 && bound_stack(t) ? -1 : rc;
}

uint8_t guard_level(const struct guarded *g)
{
	return g->touches && !g->now ? MOVE_TOUCH : MOVE_WRITE;
}

int guard_lower(struct ptask *t, struct guarded *g)
{
	struct batch b = {.t = t};
	uint32_t readable = g->prot & ~(uint32_t)PROT_WRITE;
	bool step = guard_level(g) == MOVE_TOUCH && g->writes && readable;
	t->mm->lifted = true;
	return set(&b, g, step ? readable : g->prot) || flush(&b) || bound_stack(t) ? -1 : 0;
}

void guards_gone(struct pmm *mm, uint64_t lo, uint64_t hi)
{
	size_t n = 0;
	for (size_t i = 0; i < mm->guarded.n; i++) {
		const struct guarded *g = &mm->guarded.at[i];
		if (g->page + PAGE <= lo || g->page >= hi)
			mm->guarded.at[n++] = *g;
	}
	mm->guarded.n = n;
	mm->guards_gen = 0;
}

void guards_restart(struct replay *s)
{
	for (size_t i = 0; i < s->guards.n; i++) {
		s->guards.at[i].from = s->here;
		s->guards.at[i].n = 0;
	}
}

/* Breakpoints: int3 in the memory of the tasks, where the program executes an address. */
#include "replay/session.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"

static const uint8_t int3 = 0xcc;

/* --- which places matter --- */

static struct point *find(struct replay *s, int32_t tgid, uint64_t addr)
{
	for (size_t i = 0; i < s->points.n; i++) {
		struct point *p = &s->points.at[i];
		if (p->addr == addr && p->tgid == tgid)
			return p;
	}
	return NULL;
}

/* Points that nobody uses go when something has run since: until then whoever uses one again (gdb
 * removes and inserts all at each stop) finds its count. */
static void sweep(struct replay *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->points.n; i++) {
		if (s->points.at[i].users || s->points.at[i].left_run == s->runs)
			s->points.at[n++] = s->points.at[i];
	}
	s->points.n = n;
}

struct point *points_use(struct replay *s, int32_t tgid, uint64_t addr)
{
	sweep(s);
	struct point *p = find(s, tgid, addr);
	if (!p) {
		p = VEC_PUSH(&s->points);
		*p = (struct point){.addr = addr, .tgid = tgid, .from = s->here};
	}
	if (!p->users++)
		s->points_gen++;
	return p;
}

void points_forget(struct replay *s, int32_t tgid, uint64_t addr)
{
	struct point *p = find(s, tgid, addr);
	if (!p || !p->users || --p->users)
		return;
	p->left_run = s->runs;
	s->points_gen++;
}

void replay_break(struct replay *s, int32_t tgid, uint64_t addr)
{
	points_use(s, tgid, addr)->breaks++;
}

void replay_unbreak(struct replay *s, int32_t tgid, uint64_t addr)
{
	struct point *p = find(s, tgid, addr);
	if (!p || !p->breaks)
		return;
	p->breaks--;
	points_forget(s, tgid, addr);
}

void replay_condition(struct replay *s, bool (*stops)(void *ctx, int32_t tid, uint64_t addr), void *ctx)
{
	s->condition = stops;
	s->condition_ctx = ctx;
}

/* --- planting --- */

struct plant *points_at(struct pmm *mm, uint64_t at)
{
	for (size_t i = 0; i < mm->plants.n; i++) {
		if (mm->plants.at[i].at == at)
			return &mm->plants.at[i];
	}
	return NULL;
}

/* Where the program executes `addr`: there, or in a stub. */
static uint64_t place_of(struct pmm *mm, uint64_t addr)
{
	return placed_to_stub(&mm->images, &mm->space, addr);
}

static bool matters(const struct point *p, const struct ptask *t)
{
	return p->users && (!p->tgid || p->tgid == t->proc->tgid);
}

/* The program may have written there meanwhile: then it is not ours any more. */
static void pull(struct ptask *t, const struct plant *p)
{
	uint8_t now;
	if (mem_read(t->pid, p->at, &now, 1) == 1 && now == int3)
		mem_write(t->pid, p->at, &p->was, 1);
}

void points_lift(struct ptask *t)
{
	for (size_t i = 0; i < t->mm->plants.n; i++)
		pull(t, &t->mm->plants.at[i]);
	t->mm->plants.n = 0;
	t->mm->plants_gen = 0;
}

void points_lift_range(struct ptask *t, uint64_t addr, uint64_t len)
{
	for (size_t i = 0; i < t->mm->plants.n; i++) {
		if (t->mm->plants.at[i].at - addr < len) {
			points_lift(t);
			return;
		}
	}
}

static void plant(struct ptask *t, uint64_t addr)
{
	struct plant p = {.at = place_of(t->mm, addr), .app = addr};
	const struct mapping *m = space_find(&t->mm->space, addr);
	if (!m || !(m->recorded.prot & PROT_EXEC) || points_at(t->mm, p.at) ||
	    mem_read(t->pid, p.at, &p.was, 1) != 1 || mem_write(t->pid, p.at, &int3, 1))
		return;
	*VEC_PUSH(&t->mm->plants) = p;
}

int points_plant(struct replay *s, struct ptask *t)
{
	if (t->mm->plants_gen == s->points_gen && t->mm->plants_tgid == t->proc->tgid)
		return 0;
	points_lift(t);
	for (size_t i = 0; i < s->points.n; i++) {
		if (matters(&s->points.at[i], t))
			plant(t, s->points.at[i].addr);
	}
	t->mm->plants_gen = s->points_gen;
	t->mm->plants_tgid = t->proc->tgid;
	return 0;
}

void points_mask(const struct pmm *mm, uint64_t addr, uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < mm->plants.n; i++) {
		const struct plant *p = &mm->plants.at[i];
		if (p->at - addr < len && bytes[p->at - addr] == int3)
			bytes[p->at - addr] = p->was;
	}
}

/* --- visits --- */

static bool wanted(struct replay *s, struct ptask *t, const struct point *p)
{
	return p->breaks && (!s->condition || s->condition(s->condition_ctx, t->tid, p->addr));
}

bool points_visit(struct replay *s, struct ptask *t, const struct plant *pl)
{
	bool stops = false;
	uint64_t app = pl->app;
	journey_station(s, t);
	for (size_t i = 0; i < s->points.n; i++) {
		struct point *p = &s->points.at[i];
		if (p->addr != app || !matters(p, t))
			continue;
		if (!position_same_base(&p->from, &s->here)) {
			p->from = s->here;
			p->from.nmoves = 0;
			p->from.vague = false;
			p->visits = 0;
		}
		p->visits++;
		s->here = p->from;
		position_add(&s->here, MOVE_VISITS, p->visits, app);
		stops |= wanted(s, t, p);
	}
	return stops;
}

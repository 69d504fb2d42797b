/* Breakpoints: int3 in the memory of the tasks, where the program executes an address. */
#include "replay/session.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xxhash.h>

#include "base/err.h"
#include "replay/bypass.h"

#define PASSED_OFTEN 16 /* visits without a stop; then a bypass is worth its pages */

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
		else
			free(s->points.at[i].code);
	}
	s->points.n = n;
}

void points_free(struct replay *s)
{
	for (size_t i = 0; i < s->points.n; i++)
		free(s->points.at[i].code);
	VEC_FREE(&s->points);
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

uint64_t points_key(const struct replay *s)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < s->points.n; i++) {
		uint64_t what[] = {s->points.at[i].addr, (uint64_t)s->points.at[i].tgid};
		sum += s->points.at[i].breaks ? XXH64(what, sizeof(what), 2) : 0;
	}
	return sum;
}

void replay_break_code(struct replay *s, int32_t tgid, uint64_t addr, const uint8_t *code, size_t len)
{
	struct point *p = find(s, tgid, addr);
	if (!p || (p->code_len == len && (!len || !memcmp(p->code, code, len))))
		return;
	free(p->code);
	p->code = NULL;
	p->code_len = len <= BYPASS_CODE_MAX ? len : 0;
	if (p->code_len)
		p->code = memcpy(xmalloc(len), code, len);
	s->points_gen++;
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

static bool matters(const struct replay *s, const struct point *p, const struct ptask *t)
{
	return p->users > (s->blind ? p->breaks : 0) && (!p->tgid || p->tgid == t->proc->tgid);
}

/* The program may have written there meanwhile: then it is not ours any more. */
static void pull(struct ptask *t, const struct plant *p)
{
	uint8_t now[DETOUR_JUMP];
	if (mem_read(t->pid, p->at, now, p->len) == p->len && !memcmp(now, p->put, p->len))
		mem_write(t->pid, p->at, p->was, p->len);
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
		const struct plant *p = &t->mm->plants.at[i];
		if (p->at < addr + len && p->at + p->len > addr) {
			points_lift(t);
			return;
		}
	}
}

int points_make_room(struct ptask *t, uint64_t lo, uint64_t hi)
{
	if (!bypass_overlaps(t->mm, lo, hi))
		return 0;
	points_lift(t);
	return bypass_unmap(t);
}

static void plant(struct ptask *t, uint64_t addr)
{
	struct plant p = {.at = place_of(t->mm, addr), .app = addr, .len = 1, .put = {int3}};
	const struct mapping *m = space_find(&t->mm->space, addr);
	if (!m || !(m->recorded.prot & PROT_EXEC) || points_at(t->mm, p.at) ||
	    mem_read(t->pid, p.at, p.was, 1) != 1 || mem_write(t->pid, p.at, &int3, 1))
		return;
	*VEC_PUSH(&t->mm->plants) = p;
}

/* Does any other plant, or what it displaces, overlap with what a jump at `p` displaces? */
static bool is_crowded(const struct pmm *mm, const struct plant *p, const struct detour *d)
{
	for (size_t i = 0; i < mm->plants.n; i++) {
		const struct plant *o = &mm->plants.at[i];
		unsigned len = o->len > 1 ? mm->bypasses.at[o->bypass - 1].c.d.len : 1;
		if (o != p && o->at < d->at + d->len && o->at + len > d->at)
			return true;
	}
	return false;
}

static void plant_jump(struct ptask *t, struct plant *p, const struct bypass *b, const struct live_code *c)
{
	memcpy(p->was, c->bytes + (p->at - c->base), DETOUR_JUMP);
	bypass_jump(b, p->put);
	if (!mem_write(t->pid, p->at, p->put, DETOUR_JUMP))
		p->len = DETOUR_JUMP;
}

/* Give a plant, whose int3 stands there, a bypass if that can be. */
static void improve(struct ptask *t, const struct point *p)
{
	uint8_t bytes[2 * DETOUR_LOOK];
	struct live_code c;
	struct plant *pl = points_at(t->mm, place_of(t->mm, p->addr));
	if (!pl || pl->bypass || detour_look(t->pid, &t->mm->space, pl->at, bytes, &c))
		return;
	points_mask(t->mm, c.base, bytes, c.len);
	struct bypass *b = bypass_make(t, p, pl->at, &c);
	if (!b)
		return;
	if (b->jumps && is_crowded(t->mm, pl, &b->c.d))
		return;
	pl->bypass = (unsigned)(b - t->mm->bypasses.at) + 1;
	if (b->jumps)
		plant_jump(t, pl, b, &c);
}

/* Points of other processes that share the memory, or several at one address, count for themselves. */
static bool is_alone(const struct replay *s, const struct ptask *t, const struct point *p)
{
	for (size_t i = 0; i < s->points.n; i++) {
		const struct point *o = &s->points.at[i];
		if (o != p && o->addr == p->addr && matters(s, o, t))
			return false;
	}
	return t->mm->refs == t->proc->tasks;
}

int points_plant(struct replay *s, struct ptask *t, bool fast)
{
	fast &= s->bypassing && !s->guards.n && !s->searching;
	if (t->mm->plants_gen == s->points_gen && t->mm->plants_tgid == t->proc->tgid &&
	    t->mm->plants_fast == fast)
		return 0;
	points_lift(t);
	for (size_t i = 0; i < s->points.n; i++) {
		if (matters(s, &s->points.at[i], t))
			plant(t, s->points.at[i].addr);
	}
	for (size_t i = 0; fast && i < s->points.n; i++) {
		const struct point *p = &s->points.at[i];
		if (p->passed >= PASSED_OFTEN && matters(s, p, t) && is_alone(s, t, p))
			improve(t, p);
	}
	t->mm->plants_gen = s->points_gen;
	t->mm->plants_tgid = t->proc->tgid;
	t->mm->plants_fast = fast;
	return 0;
}

void points_mask(const struct pmm *mm, uint64_t addr, uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < mm->plants.n; i++) {
		const struct plant *p = &mm->plants.at[i];
		for (unsigned k = 0; k < p->len; k++) {
			if (p->at + k - addr < len && bytes[p->at + k - addr] == p->put[k])
				bytes[p->at + k - addr] = p->was[k];
		}
	}
}

/* --- visits --- */

static bool wanted(struct replay *s, struct ptask *t, const struct point *p)
{
	return p->breaks && !s->blind && (!s->condition || s->condition(s->condition_ctx, t->tid, p->addr));
}

bool points_visit(struct replay *s, struct ptask *t, const struct plant *pl)
{
	bool stops = false;
	uint64_t app = pl->app;
	s->visits++;
	station_look(s, t);
	for (size_t i = 0; i < s->points.n; i++) {
		struct point *p = &s->points.at[i];
		if (p->addr != app || !matters(s, p, t))
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
		bool stop = wanted(s, t, p);
		if (!stop && ++p->passed == PASSED_OFTEN) {
			s->bypassing = true;
			s->points_gen++;
		}
		stops |= stop;
	}
	return stops;
}

void points_blind(struct replay *s, bool blind)
{
	if (s->blind == blind)
		return;
	s->blind = blind;
	s->points_gen++;
	s->calls_gen++;
	points_restart(s);
}

void points_restart(struct replay *s)
{
	for (size_t i = 0; i < s->points.n; i++) {
		s->points.at[i].from = s->here;
		s->points.at[i].visits = 0;
	}
}

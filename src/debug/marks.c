#include "debug/marks.h"

#include <string.h>

#include "base/err.h"

#define GAP_NS 50000000ull /* between checkpoints, right behind where one is, */
#define GAP_PART 6	   /* and one sixth of the age of older ones */
#define PAGE_NS 10000ull   /* what it costs to write to a page for the first time since a checkpoint */
#define PAGES_PART 5	   /* such costs are to be one fifth of the time forwards */
#define PLACES_KEPT 4	   /* where searches backwards have led, last */
#define LOOK_EVERY 8	   /* checkpoints made between looks at how much memory they take */

static void remove_mark(struct marks *ms, size_t i)
{
	checkpoint_free(ms->all.at[i].c);
	memmove(&ms->all.at[i], &ms->all.at[i + 1], (--ms->all.n - i) * sizeof(*ms->all.at));
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* How far from one another checkpoints at time `t` should be. */
static uint64_t gap_at(const struct marks *ms, uint64_t t)
{
	uint64_t gap = distance(ms->t, t) / GAP_PART;
	return gap > GAP_NS ? gap : GAP_NS;
}

static bool may_go(const struct marks *ms, const struct mark *m)
{
	bool visited = m->place && ms->places - m->place < PLACES_KEPT;
	return !m->number && !visited && m->c != ms->base && m->c != ms->seen;
}

/* Thin them out with their distance from where we are: so many remain as the logarithm of the time. The
 * first one stays: all history begins there. */
static void thin(struct marks *ms)
{
	for (size_t i = 1; i + 1 < ms->all.n;) {
		const struct mark *m = &ms->all.at[i];
		uint64_t between = m[1].t - m[-1].t;
		if (may_go(ms, m) && between < gap_at(ms, m->t))
			remove_mark(ms, i);
		else
			i++;
	}
}

static uint64_t measure(struct marks *ms)
{
	ms->bytes = 0;
	for (size_t i = 0; i < ms->all.n; i++)
		ms->bytes += checkpoint_bytes(ms->all.at[i].c);
	return ms->bytes;
}

/* The one whose loss costs least: where its neighbours are close, for how far away it is. */
static size_t least(const struct marks *ms)
{
	size_t best = 0;
	double cost = 0;
	for (size_t i = 1; i < ms->all.n; i++) {
		const struct mark *m = &ms->all.at[i];
		uint64_t end = i + 1 < ms->all.n ? m[1].t : m->t + GAP_NS;
		double c = (double)(end - m[-1].t) / (double)gap_at(ms, m->t);
		if (may_go(ms, m) && (!best || c < cost)) {
			best = i;
			cost = c;
		}
	}
	return best;
}

/* Memory that the replay has touched first since the last look. */
static uint64_t grown(const struct marks *ms)
{
	uint64_t now = replay_touched(ms->r);
	return now - (now < ms->touched ? 0 : ms->touched);
}

/* Keep to the bound, also until the next look: as much memory may be touched till then as since the last
 * one. To measure takes some milliseconds, so it is done where the bound may be near. */
void marks_bound(struct marks *ms)
{
	uint64_t more = grown(ms);
	size_t i;
	ms->touched = replay_touched(ms->r);
	ms->bytes += more;
	if (ms->bytes + more <= ms->limit && ++ms->made % LOOK_EVERY)
		return;
	while (measure(ms) + more > ms->limit && (i = least(ms)))
		remove_mark(ms, i);
}

/* The first mark behind position `p`, as far as can be told; marks that cannot be told from it count as
 * behind. */
size_t marks_behind(const struct marks *ms, const struct position *p)
{
	bool known;
	size_t i = 0;
	while (i < ms->all.n) {
		int c = position_compare(checkpoint_position(ms->all.at[i].c), p, &known);
		if (!known || c > 0)
			break;
		i++;
	}
	return i;
}

static bool is_marked(const struct marks *ms, const struct position *p)
{
	for (size_t i = 0; i < ms->all.n; i++) {
		if (position_equal(checkpoint_position(ms->all.at[i].c), p))
			return true;
	}
	return false;
}

/* Keep where the replay is. NULL: it could not be done, which costs time later, no more. */
struct mark *mark_make(struct marks *ms)
{
	struct position here = replay_position(ms->r);
	if (here.vague || is_marked(ms, &here))
		return NULL;
	struct checkpoint *c = replay_checkpoint(ms->r);
	if (!c)
		return NULL;
	size_t i = marks_behind(ms, &here);
	if (i && ms->all.at[i - 1].t > ms->t)
		ms->t = ms->all.at[i - 1].t;
	if (i < ms->all.n && ms->all.at[i].t < ms->t)
		ms->t = ms->all.at[i].t;
	(void)*VEC_PUSH(&ms->all);
	memmove(&ms->all.at[i + 1], &ms->all.at[i], (ms->all.n - 1 - i) * sizeof(*ms->all.at));
	ms->all.at[i] = (struct mark){.c = c, .t = ms->t};
	return &ms->all.at[i];
}

/* On the way: is it time for one? After one the program's pages are copied as it writes to them; forwards
 * (not `close`) that is to cost no more than a part of the time. */
bool marks_pass(struct marks *ms, bool close)
{
	struct position here = replay_position(ms->r);
	size_t i = marks_behind(ms, &here);
	uint64_t before = i ? ms->t - ms->all.at[i - 1].t : UINT64_MAX;
	if (before < GAP_NS || (i < ms->all.n && ms->all.at[i].t < ms->t + GAP_NS))
		return false;
	if (!close && before < grown(ms) / 4096 * PAGE_NS * PAGES_PART)
		return false;
	if (!mark_make(ms))
		return false;
	thin(ms);
	marks_bound(ms);
	return true;
}

struct mark *mark_find(struct marks *ms, const struct position *p)
{
	for (size_t i = 0; i < ms->all.n; i++) {
		if (position_equal(checkpoint_position(ms->all.at[i].c), p))
			return &ms->all.at[i];
	}
	return NULL;
}

/* The last mark before `end`, or NULL. */
struct mark *mark_before(struct marks *ms, const struct position *end)
{
	size_t i = marks_behind(ms, end);
	while (i && position_equal(checkpoint_position(ms->all.at[i - 1].c), end))
		i--;
	return i ? &ms->all.at[i - 1] : NULL;
}

struct mark *mark_numbered(struct marks *ms, int number)
{
	for (size_t i = 0; i < ms->all.n; i++) {
		if (ms->all.at[i].number == number)
			return &ms->all.at[i];
	}
	err_set("there is no checkpoint %d", number);
	return NULL;
}

int mark_restore(struct marks *ms, const struct mark *m)
{
	if (replay_restore(ms->r, m->c))
		return -1;
	ms->t = m->t;
	return 0;
}

void marks_clear(struct marks *ms)
{
	while (ms->all.n)
		remove_mark(ms, ms->all.n - 1);
	VEC_FREE(&ms->all);
}

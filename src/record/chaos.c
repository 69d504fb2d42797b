/* record --chaos: bugs that depend on the schedule show when the schedule is an unlikely one.
 * Slices are of random lengths, down to single instructions; threads get priorities at random,
 * so some starve for a while; the order in which threads come to run is a lottery. */
#include "record/session.h"

#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/wait.h>

#include "base/err.h"
#include "task/tsc.h"

#define STEPS_MAX 40 /* instructions past a safepoint */
#define HELD_STEPS_MAX 60
#define PRIORITIES 4
#define REDRAW_NS 100000000ull /* how long priorities stay, about */
#define YOUNG 40	       /* times that a thread is resumed */
#define STARVE_MS 60 /* how long a thread is kept from running at most; a young one by half longer */

void chaos_init(struct recorder *s, bool given, uint64_t seed)
{
	if (!given && getrandom(&seed, 4, 0) != 4)
		seed = coarse_ns();
	s->chaos = true;
	if (!given)
		seed &= 0xffffffff;
	s->chaos_seed = seed;
	/* xorshift must not start with zero, nor with few bits. */
	s->chaos_state = (seed + 1) * 0x9e3779b97f4a7c15ull;
	if (!s->chaos_state)
		s->chaos_state = 1;
}

/* xorshift64* (Vigna, ACM TOMS 42, 2016) */
static uint32_t draw(struct recorder *s, uint32_t below)
{
	uint64_t x = s->chaos_state;
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	s->chaos_state = x;
	return (uint32_t)((x * 0x2545f4914f6cdd1dull) >> 32) % below;
}

/* Slices are all short or all long for a while. */
uint64_t chaos_slice(struct recorder *s)
{
	return 1 + draw(s, s->chaos_grain ? s->chaos_grain : 1);
}

bool chaos_one_in(struct recorder *s, uint32_t n)
{
	return !draw(s, n);
}

static void new_grain(struct recorder *s)
{
	static const uint32_t grains[] = {3, 3, 20, 20, 200, 5000, 200000, 4000000};
	s->chaos_grain = grains[draw(s, ARRAY_LEN(grains))];
}

/* For a while, or (softly) until nobody else of its memory can run. */
static void starve(struct recorder *s, struct rtask *t)
{
	t->chaos_starved = coarse_ns() + (uint64_t)draw(s, STARVE_MS) * 1000000;
	t->chaos_soft = chaos_one_in(s, 2);
}

void chaos_parked(struct recorder *s, struct rtask *t)
{
	if (s->chaos && chaos_one_in(s, 12))
		starve(s, t);
}

static void redraw(struct recorder *s)
{
	size_t i = 0;
	struct rtask *t;
	uint64_t now = coarse_ns();
	if (now < s->chaos_redraw)
		return;
	s->chaos_redraw = now + REDRAW_NS / 2 + (uint64_t)draw(s, 1000) * (REDRAW_NS / 1000);
	new_grain(s);
	while ((t = hmap_next(&s->tasks, &i))) {
		t->chaos_priority = (uint8_t)draw(s, PRIORITIES);
		if (chaos_one_in(s, 8))
			starve(s, t);
	}
}

static bool starves(const struct rtask *t)
{
	return t->chaos_starved && (t->mm->refs > 1 || t->mm->shares) && coarse_ns() < t->chaos_starved;
}

/* Where a thread begins, programs go wrong most. */
static bool young(const struct rtask *t)
{
	return t->chaos_age < YOUNG;
}

bool chaos_stops_call(struct recorder *s, struct rtask *t)
{
	t->chaos_age += young(t);
	return chaos_one_in(s, young(t) ? 2 : 4);
}

/* Now and then a thread is held back though nobody else waits: somebody may come. */
bool chaos_hold(struct recorder *s, struct rtask *t)
{
	uint64_t now = coarse_ns();
	if (starves(t))
		return true;
	if (t->mm->refs < 2 || now < s->chaos_next_hold || !chaos_one_in(s, young(t) ? 2 : 6))
		return false;
	starve(s, t);
	t->chaos_soft = false;
	if (young(t))
		t->chaos_starved += (uint64_t)STARVE_MS / 2 * 1000000;
	s->chaos_next_hold = t->chaos_starved + (uint64_t)draw(s, STARVE_MS) * 1000000;
	return true;
}

void chaos_new_task(struct recorder *s, struct rtask *parent, struct rtask *t)
{
	if (!s->chaos)
		return;
	t->chaos_priority = (uint8_t)draw(s, PRIORITIES);
	t->chaos_new = true;
	new_grain(s);
	/* Programs often count on who is first. */
	if (chaos_one_in(s, 2))
		starve(s, chaos_one_in(s, 3) ? parent : t);
}

struct rtask *chaos_pick(struct recorder *s, bool (*runnable)(struct recorder *s, const struct rtask *t))
{
	struct rtask *best = NULL, *soft = NULL;
	unsigned same = 0;
	bool strict = chaos_one_in(s, 3); /* else everybody has the same chance */
	redraw(s);
	for (struct rtask *t = s->ready_first; t; t = t->next_ready) {
		if (!runnable(s, t))
			continue;
		if ((t->parked || t->chaos_new) && starves(t)) {
			soft = t->chaos_soft && (!soft || chaos_one_in(s, 2)) ? t : soft;
			continue;
		}
		bool higher = strict && best && t->chaos_priority > best->chaos_priority;
		if (strict && best && t->chaos_priority < best->chaos_priority)
			continue;
		same = higher ? 1 : same + 1;
		if (!draw(s, same))
			best = t;
	}
	if (best || !soft)
		return best;
	for (struct rtask *t = s->ready_first; t; t = t->next_ready)
		t->chaos_starved = t->chaos_soft ? 0 : t->chaos_starved;
	return soft;
}

unsigned chaos_steps(struct recorder *s, const struct rtask *t)
{
	/* Who is held for long is held in the middle of something. */
	return starves(t) ? 1 + draw(s, HELD_STEPS_MAX) : chaos_one_in(s, 3) ? 0 : 1 + draw(s, STEPS_MAX);
}

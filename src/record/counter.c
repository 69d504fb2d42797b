/* The counter of safepoints: stubs of instrumented images count down a word of the address space, and trap at
 * zero (docs/rewriting.md). An event says how many safepoints its task has passed since its last one. */
#include "record/session.h"

#include <sys/syscall.h>

#include "layout.h"

#define FAR (1ull << 62) /* what the counter stands at when nobody wants a trap */

static uint64_t *counter(const struct rtask *t)
{
	struct pages *b = t->mm->buf;
	return b ? (uint64_t *)(b->base + (RUNTIME_TICKS - RUNTIME_DATA)) : NULL;
}

bool safepoint_counts(const struct rtask *t)
{
	return counter(t);
}

void safepoint_new_program(struct recorder *s)
{
	static const uint64_t start = FAR;
	event_chunk(&s->ev, CH_OUT, RUNTIME_TICKS, &start, sizeof(start));
}

void safepoint_never(struct rtask *t)
{
	static const uint64_t start = FAR;
	mem_write(t->tid, RUNTIME_TICKS, &start, sizeof(start));
}

/* The counter is its address space's, and counts for the task that runs there. */
void safepoint_enter(struct rtask *t)
{
	uint64_t *c = counter(t);
	if (!c || t->mm->owner == t)
		return;
	*c = FAR;
	t->passed = t->lowered = 0;
}

/* The task may be running when its counter is lowered. It shares our CPU, so it is between
 * two instructions; but where flags are live a stub loads the counter, and stores it later:
 * then ours is lost, and the counter is far away still. */
static void settle(struct rtask *t, const uint64_t *c)
{
	if (t->lowered && *c > FAR / 2)
		t->passed += t->lowered;
	t->lowered = 0;
}

/* Passes of which the counter does not know are in t->passed, times RUNTIME_TICK. */
static void set(struct rtask *t, uint64_t *c, uint64_t value)
{
	settle(t, c);
	t->passed += value - *c;
	*c = value;
}

void safepoint_far(struct rtask *t)
{
	set(t, counter(t), FAR);
}

void safepoint_limit(struct rtask *t, uint64_t passes)
{
	uint64_t *c = counter(t);
	if (c && t->mm->owner == t)
		set(t, c, passes * RUNTIME_TICK);
}

#define AFTER_HANDLER 200

/* Where a handler has just returned, some safepoints go by: the first may be the one that was
 * interrupted (an indirect jump counts before it goes), and where signals are always due the
 * code would never get beyond. */
void safepoint_arm(struct rtask *t)
{
	uint64_t value = (t->nr == SYS_rt_sigreturn ? AFTER_HANDLER : 1) * RUNTIME_TICK;
	uint64_t *c = counter(t);
	if (!c || t->mm->owner != t || *c < FAR / 2)
		return;
	uint64_t by = *c - value;
	set(t, c, value);
	t->lowered = by;
}

uint64_t safepoint_take(struct rtask *t)
{
	uint64_t *c = counter(t);
	if (!c || t->mm->owner != t)
		return 0;
	set(t, c, FAR);
	uint64_t n = t->passed / RUNTIME_TICK;
	t->passed = 0;
	return n;
}

void safepoint_give_back(struct rtask *t, uint64_t n)
{
	t->passed += n * RUNTIME_TICK;
}

/* The counter of safepoints in a task's memory, which traps when it comes to zero. */
#include "replay/session.h"

#include <string.h>

#include "base/err.h"
#include "layout.h"
#include "rewrite/trap.h"

#define FAR (1ull << 54) /* more than anybody passes */

static int counter(struct ptask *t, int64_t *left)
{
	int64_t v;
	if (mem_read(t->pid, RUNTIME_TICKS, &v, 8) != 8)
		return err_set("lost task %d", t->tid);
	*left = v / RUNTIME_TICK;
	return 0;
}

int ticks_begin(struct ptask *t)
{
	int64_t left = 0;
	if (t->going)
		return 0;
	if (counter(t, &left))
		return -1;
	t->zero_at = (uint64_t)left;
	t->stepped = 0;
	t->going = true;
	return 0;
}

int ticks_passed(struct ptask *t, uint64_t *n)
{
	int64_t left = 0;
	if (counter(t, &left))
		return -1;
	*n = t->zero_at - (uint64_t)left;
	return 0;
}

int ticks_trap(struct ptask *t, uint64_t at)
{
	uint64_t n;
	if (at == t->zero_at || (!at && t->zero_at >= FAR / 2))
		return 0;
	if (ticks_passed(t, &n))
		return -1;
	uint64_t left = at ? at - n : FAR, v = left * RUNTIME_TICK;
	if (mem_write(t->pid, RUNTIME_TICKS, &v, 8))
		return err_set("lost task %d", t->tid);
	t->zero_at = n + left;
	return 0;
}

bool ticks_trapped(struct ptask *t)
{
	int64_t left = 0;
	uint8_t before[SAFE_BEFORE] = {0};
	if (!placed_area(&t->mm->images, t->regs.rip - 1) || counter(t, &left) || left)
		return false;
	/* As the recorder leaves it: it makes no difference that it trapped. */
	mem_read(t->pid, t->regs.rip - 1 - SAFE_BEFORE, before, SAFE_BEFORE);
	t->regs.eflags = safe_flags(before, t->regs.eflags);
	return !pt_setregs(t->pid, &t->regs);
}

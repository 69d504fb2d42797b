/* Calls of which no table says what memory they write (abi_undescribed). What they wrote is found
 * by looking at all memory before and after; the others of the group do not run meanwhile.
 *
 * In a group of several tasks such a call may wait for another task. Where what its argument points
 * to holds no address of memory that can be written, the kernel can write there only: it gets a copy
 * of that memory, a window, and the others go on. */
#include "record/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "abi/ioctls.h"
#include "base/err.h"
#include "task/changes.h"
#include "task/tsc.h"

#define PATIENCE_NS 2000000000ull /* how long others wait for such a call */
#define BEYOND 0xc000		  /* bytes that it may write behind what its number says, in a window */

struct undescribed {
	struct snapshot before;
	uint64_t since;	   /* ns */
	bool cut;	   /* interrupted, since others waited for too long */
	bool unseen;	   /* even that did not end it: the others go on, and what it writes is not seen */
	struct buf window; /* what was there at the start; empty: all memory was looked at */
	uint64_t window_at;
};

void undescribed_release(struct rtask *t)
{
	if (t->undescribed) {
		snapshot_free(&t->undescribed->before);
		buf_free(&t->undescribed->window);
	}
	free(t->undescribed);
	t->undescribed = NULL;
}

void undescribed_refuse(struct recorder *s, const struct rtask *t, const struct call *c, const char *why)
{
	char cmd[32];
	const char *name = c->nr == SYS_ioctl ? ioctl_lookup((uint32_t)c->args[1]).name : NULL;
	if (s->warned_refused)
		return;
	s->warned_refused = true;
	snprintf(cmd, sizeof(cmd), "0x%llx", (unsigned long long)abi_command(c->nr, c->args));
	say("task %d: %s %s cannot be recorded (%s): it fails as on a kernel that does not know it", t->tid,
	    sys_name(c->nr), name ? name : cmd, why);
}

static bool can_be_written(const struct rtask *t, uint64_t addr)
{
	const struct mapping *m = space_from(&t->mm->space, addr);
	return m && m->recorded.prot & PROT_WRITE &&
	       (m->recorded.start <= addr || m->recorded.flags & MAPF_GROWSDOWN);
}

static bool holds_address(const struct rtask *t, const struct buf *b, size_t len)
{
	for (size_t i = 0; i + 8 <= len; i++) {
		uint64_t v;
		memcpy(&v, b->data + i, 8);
		if (can_be_written(t, v))
			return true;
	}
	return false;
}

/* Give the call a window, if it may have one. */
static bool open_window(struct rtask *t, const struct call *c)
{
	struct undescribed *u = t->undescribed;
	uint64_t size = (uint32_t)c->args[1] >> 16 & 0x3fff, at = c->args[2];
	const struct mapping *m = space_find(&t->mm->space, at);
	/* Those with a name are known to write elsewhere. */
	if (c->nr != SYS_ioctl || ioctl_lookup((uint32_t)c->args[1]).name || !size || !m ||
	    !can_be_written(t, at) || m->recorded.end - at < size || (t->mm->refs == 1 && !t->mm->shares))
		return false;
	uint64_t len = m->recorded.end - at < size + BEYOND ? m->recorded.end - at : size + BEYOND;
	u->window.len = mem_read(t->tid, at, buf_room(&u->window, len), len);
	if (u->window.len != len || holds_address(t, &u->window, size)) {
		u->window.len = 0;
		return false;
	}
	u->window_at = at;
	region_add(&t->regions, at, len, DIR_INOUT, R_CHANGED, 2, T_BYTES);
	return true;
}

int undescribed_start(struct recorder *s, struct rtask *t, const struct call *c)
{
	(void)s;
	undescribed_release(t);
	t->undescribed = xcalloc(1, sizeof(*t->undescribed));
	t->undescribed->since = coarse_ns();
	if (open_window(t, c))
		return 0;
	int rc = snapshot_take(t->tid, &t->undescribed->before);
	if (rc)
		undescribed_release(t);
	return rc;
}

bool undescribed_holds(const struct rtask *t)
{
	return t->undescribed && !t->undescribed->window.len;
}

void undescribed_written(struct rtask *t, region_list *out)
{
	const struct undescribed *u = t->undescribed;
	if (!u || !u->window.len)
		return;
	uint8_t *now = xmalloc(u->window.len);
	size_t n = call_read(t, u->window_at, now, u->window.len);
	for (size_t i = 0, k; i < n; i = k + 1) {
		for (k = i; k < n && now[k] != u->window.data[k];)
			k++;
		if (k > i)
			region_add(out, u->window_at + i, k - i, DIR_OUT, R_FIXED, 2, T_BYTES);
	}
	free(now);
}

/* The start of a stack that reached further down than is known, and `at` lies there. Only stacks
 * grow during such a call (snapshot_changes sees to that). */
static bool in_grown_stack(const struct rtask *t, const struct kernel_mapping *k, uint64_t at)
{
	const struct mapping *m = space_find(&t->undescribed->before.maps, at);
	return k->flags & MAPF_GROWSDOWN && (!m || m->recorded.end == k->end);
}

/* Memory that the recorder itself keeps in the program's address space is in no mapping of
 * t->mm->space: it is left out. */
static void log_range(struct recorder *s, struct rtask *t, const struct range *r)
{
	uint64_t at = r->start;
	while (at < r->end) {
		const struct mapping *m = space_from(&t->mm->space, at);
		if (!m)
			return;
		const struct kernel_mapping *k = &m->recorded;
		if (k->start > at && !in_grown_stack(t, k, at))
			at = k->start;
		uint64_t end = k->end < r->end ? k->end : r->end;
		if (at >= end)
			return;
		log_memory(s, t, at, end - at, at);
		at = end;
	}
}

static bool was_interrupted(int64_t result)
{
	return result == -EINTR || (result >= RESULT_RESTART_FIRST && result <= RESULT_RESTART_LAST);
}

static void fail(struct recorder *s, const struct rtask *t, const char *what)
{
	err_set("task %d: %s 0x%llx on descriptor %d %s, which cannot be recorded", t->tid, sys_name(t->nr),
		(unsigned long long)abi_command(t->nr, t->args), (int)t->args[0], what);
	rec_fail(s);
}

void undescribed_exit(struct recorder *s, struct rtask *t, int64_t result)
{
	range_list changed = {0};
	struct undescribed *u = t->undescribed;
	if (!undescribed_holds(t)) {
		undescribed_release(t);
		return;
	}
	if (u->unseen && result != abi_refusal(t->nr))
		fail(s, t, "waited for other threads, and nothing says what it wrote then");
	else if (!u->unseen && snapshot_changes(t->tid, &u->before, &changed) == -EXDEV)
		fail(s, t, "changed what is mapped");
	for (size_t i = 0; i < changed.n; i++)
		log_range(s, t, &changed.at[i]);
	VEC_FREE(&changed);
	undescribed_release(t);
}

bool undescribed_cut(const struct rtask *t, int64_t result)
{
	return t->undescribed && t->undescribed->cut && was_interrupted(result);
}

void undescribed_look(struct recorder *s, struct rtask *t, unsigned waiting)
{
	struct undescribed *u = t->undescribed;
	if (!undescribed_holds(t) || !waiting || t->state != TS_KERNEL || t->has_status ||
	    coarse_ns() - u->since < PATIENCE_NS)
		return;
	if (u->cut) {
		u->unseen = t->may_block = true;
		return;
	}
	struct call c = {.nr = t->nr};
	memcpy(c.args, t->args, sizeof(c.args));
	undescribed_refuse(s, t, &c, "nothing says what it writes, and it waits while others want to run");
	u->cut = true;
	u->since = coarse_ns();
	ptrace(PTRACE_INTERRUPT, t->tid, 0, 0);
}

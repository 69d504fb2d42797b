/* Positions: so many safepoints of the task that goes on after an event. */
#include "replay/session.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "base/err.h"
#include "task/checksum.h"

/* One number for all private memory of the task. */
static int memory_sum(struct ptask *t, uint64_t *out)
{
	page_sums sums = {0};
	int rc = checksum_space(t->pid, &t->mm->space, &sums);
	uint64_t h = 0;
	for (size_t i = 0; !rc && i < sums.n; i++) {
		uint64_t pair[2] = {sums.at[i].addr, sums.at[i].sum};
		h = XXH64(pair, sizeof(pair), h);
	}
	*out = h;
	VEC_FREE(&sums);
	return rc ? err_sys(-rc, "cannot read the memory of task %d", t->tid) : 0;
}

static int tell(struct ptask *t, const struct position *p)
{
	uint64_t sum;
	regs_t r;
	if (pt_getregs(t->pid, &r))
		return err_set("lost task %d", t->tid);
	if (memory_sum(t, &sum))
		return -1;
	uint64_t ip = placed_to_app(&t->mm->images, r.rip);
	struct mapping *m = space_find(&t->mm->space, ip);
	fflush(stdout);
	printf("position %llu:%llu, task %d, memory %016llx, at %s+0x%llx\n", (unsigned long long)p->event,
	       (unsigned long long)p->ticks, t->tid, (unsigned long long)sum,
	       m && m->recorded.name[0] ? m->recorded.name : "0",
	       (unsigned long long)(m ? ip - m->recorded.start + m->recorded.offset : ip));
	printf("  rip %016llx rsp %016llx rbp %016llx rax %016llx\n"
	       "  rbx %016llx rcx %016llx rdx %016llx rsi %016llx\n"
	       "  rdi %016llx r8  %016llx r9  %016llx r10 %016llx\n"
	       "  r11 %016llx r12 %016llx r13 %016llx r14 %016llx\n"
	       "  r15 %016llx eflags %08llx fs %016llx gs %016llx\n",
	       (unsigned long long)ip, r.rsp, r.rbp, r.rax, r.rbx, r.rcx, r.rdx, r.rsi, r.rdi, r.r8, r.r9,
	       r.r10, r.r11, r.r12, r.r13, r.r14, r.r15, r.eflags, r.fs_base, r.gs_base);
	fflush(stdout);
	return 0;
}

/* Does the task of this event run to it by itself? */
static bool runs(const struct event *ev)
{
	switch (ev->kind) {
	case EV_SYSCALL:
	case EV_ENTRY:
	case EV_SIGNAL:
	case EV_INSN:
	case EV_SAFEPOINT:
		return true;
	case EV_BUFFER:
		return ev->arg[0];
	default:
		return false;
	}
}

static const struct position *next(const struct replayer *s)
{
	return s->told < s->opt->npositions ? &s->opt->positions[s->told] : NULL;
}

int position_before(struct replayer *s, struct ptask *t, const struct event *ev)
{
	const struct position *p;
	t->passed = 0;
	if (ev->kind == EV_CHECK)
		return 0;
	while ((p = next(s)) && p->ticks && p->event == s->last_stop) {
		if (!runs(ev) || p->ticks > ev->ticks)
			return err_set(
				"there is no position %llu:%llu: the next event, %llu, comes %s%llu ticks",
				(unsigned long long)p->event, (unsigned long long)p->ticks,
				(unsigned long long)ev->seq, runs(ev) ? "after " : "at once, not after ",
				(unsigned long long)ev->ticks);
		s->partial = true; /* what runs to the event checks */
		if (p->ticks > t->passed && run_to_safepoint(s, t, p->ticks))
			return -1;
		t->passed = p->ticks;
		s->partial = false;
		if (tell(t, p))
			return -1;
		s->told++;
	}
	return 0;
}

int position_after(struct replayer *s, const struct event *ev)
{
	const struct position *p;
	/* These only prepare or check; the task goes on from the event before. */
	if ((ev->kind == EV_BUFFER && !ev->arg[0]) || ev->kind == EV_CHECK)
		return 0;
	s->last_stop = ev->seq;
	struct ptask *t = replay_task(s, ev->tid);
	while ((p = next(s)) && (p->event < ev->seq || (p->event == ev->seq && !p->ticks))) {
		if (p->event < ev->seq)
			return err_set("there is no position %llu:%llu", (unsigned long long)p->event,
				       (unsigned long long)p->ticks);
		if (!t)
			return err_set("no task is there after event %llu", (unsigned long long)ev->seq);
		if (tell(t, p))
			return -1;
		s->told++;
	}
	return s->opt->npositions && !next(s) ? 1 : 0;
}

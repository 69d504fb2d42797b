/* What the runtime in a tracee and the recorder tell each other while the program runs (docs/runtime.md). */
#include "record/bufstate.h"

#include <sched.h>
#include <string.h>
#include <sys/syscall.h>

#include "layout.h"

void buffer_pages_put(struct recorder *s, struct pages *b)
{
	b->next = s->spare_bufs;
	s->spare_bufs = b;
}

void buffer_release(struct recorder *s, struct rmm *mm)
{
	if (mm->buf)
		buffer_pages_put(s, mm->buf);
	mm->buf = NULL;
}

void buffer_enter(struct recorder *s, struct rtask *t)
{
	struct rmm *mm = t->mm;
	if (!mm->buf)
		return;
	struct state *st = mm->buf->st;
	safepoint_enter(t);
	mm->owner = t;
	const uint64_t *passes = ownfilter_passes(t);
	bool traces = t->traced || t->proc->tracees || t->proc->ends.n;
	st->off = s->unbuffered || !s->started || traces ? OFF_ALL : passes ? OFF_FILTERED : OFF_NOTHING;
	if (passes)
		memcpy(st->passes, passes, sizeof(st->passes));
	st->fds_off = mm->fds_shared || t->proc != mm->fd_proc;
	st->threads = mm->refs > 1;
	st->sighand = t->proc->tasks > 1 || mm->sighand;
	/* With chaos some calls are stations, though nothing else needs that. */
	st->want_stop = t->held.n || t->stop_later || traced_due(t) || (s->chaos && chaos_stops_call(s, t));
	if (t->held.n || t->stop_later)
		safepoint_arm(t);
	st->maps_off = t->proc->read_implies_exec || mm->unlisted;
}

void buffer_want_stop(struct rtask *t)
{
	if (t->mm->buf)
		t->mm->buf->st->want_stop = 1;
}

static void note_range(struct rmm *mm, uint64_t lo, uint64_t hi)
{
	struct state *st = mm->buf->st;
	mm->unlisted |= st->nkeep == KEEP_MAX;
	if (st->nkeep == KEEP_MAX || lo == hi)
		return;
	st->keep[st->nkeep].lo = lo;
	st->keep[st->nkeep++].hi = hi;
}

void buffer_note_own(struct rmm *mm)
{
	if (!mm->buf)
		return;
	mm->buf->st->nkeep = 0;
	mm->unlisted = false;
	note_range(mm, RUNTIME_SCRATCH, mm->scratch_next);
	for (size_t i = 0; i < mm->images.n; i++) {
		const struct placed *p = &mm->images.at[i];
		const struct image_header *h = &p->im->head;
		const struct image_seg *last = &h->seg[h->nsegs - 1];
		note_range(mm, p->text, p->text + last->base + last->len);
		note_range(mm, p->area, p->area + h->area_len);
	}
	for (size_t i = 0; i < mm->scratch.n; i++) {
		const struct scratch_area *a = &mm->scratch.at[i];
		if (a->addr < RUNTIME_SCRATCH || a->addr >= mm->scratch_next)
			note_range(mm, a->addr, a->addr + a->size);
	}
	uint64_t lo, hi = 0;
	while (mm->holds_code && fetch_next(mm, hi, &lo, &hi))
		note_range(mm, lo, hi);
}

bool buffer_inside(const regs_t *r)
{
	return r->rip >= RUNTIME_BASE && r->rip < RUNTIME_BASE + RUNTIME_CODE_SIZE;
}

bool buffer_waits(const regs_t *r)
{
	int64_t result = (int64_t)r->rax;
	return buffer_inside(r) && (int64_t)r->orig_rax >= 0 && result >= RESULT_RESTART_FIRST &&
	       result <= RESULT_RESTART_LAST;
}

void buffer_forget_fds(struct rmm *mm)
{
	if (mm->buf)
		memset(AT(mm->buf, RUNTIME_FDS), 0, FDS_MAX * 4);
}

void buffer_fd_class(struct rtask *t, int fd, enum fd_class class)
{
	struct pages *b = t->mm->buf;
	if (b && !b->st->fds_off && fd >= 0 && fd < FDS_MAX)
		((uint32_t *)AT(b, RUNTIME_FDS))[fd] = class;
}

void buffer_note_call(struct rtask *t)
{
	uint32_t *fds = t->mm->buf ? (uint32_t *)AT(t->mm->buf, RUNTIME_FDS) : NULL;
	uint64_t fd = t->nr == SYS_close ? t->args[0] : t->args[1];
	if (!fds)
		return;
	switch (t->nr) {
	case SYS_close:
	case SYS_dup2:
	case SYS_dup3:
		if (fd < FDS_MAX)
			fds[fd] = FD_UNKNOWN;
		break;
	case SYS_close_range:
		buffer_forget_fds(t->mm);
		t->mm->fds_shared |= t->args[2] & 2; /* CLOSE_RANGE_UNSHARE */
		break;
	case SYS_brk:
		t->mm->buf->st->brk = 0;
		break;
	case SYS_unshare:
		t->mm->fds_shared |= t->args[0] & CLONE_FILES;
		break;
	}
}

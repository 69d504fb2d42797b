/* A program maps something, with MAP_FIXED, where the stubs of an instrumented image are. Stubs cannot be
 * moved: their distance to the text is a part of the image. So the program gets the text as its file has it,
 * as it does where an image has no place from the start, and the stubs go. Tasks that stand in one of them go
 * on at the instruction of the program that it stands for. */
#include "record/session.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "record/kept.h"
#include "base/err.h"
#include "layout.h"
#include "task/remote.h"
#include "trace/store.h"

#define PIECE 4096u

static bool in_area(const struct placed *p, uint64_t ip)
{
	return ip - p->area < p->im->head.area_len;
}

/* Can `o` leave the stubs, now or at the end of its call? */
static bool can_leave(const struct placed *p, struct rtask *o)
{
	regs_t r;
	if (o->state == TS_EXITING || o->exit_logged || o->zombie)
		return true;
	if (o->in_call)
		return !o->intr.again && !o->vsyscall && !o->verdict_ip;
	if (o->state != TS_READY || pt_getregs(o->tid, &r))
		return false;
	return !in_area(p, r.rip) || (o->parked && !o->has_status);
}

/* `o`, at a station in a stub, goes on in the program's text; that is on record. */
static void leave_station(struct recorder *s, const struct placed *p, struct rtask *o)
{
	regs_t r;
	if (pt_getregs(o->tid, &r) || !in_area(p, r.rip))
		return;
	r.rip = placed_to_app(&o->mm->images, r.rip);
	r.rcx = placed_to_app(&o->mm->images, r.rcx);
	log_begin(s, o, EV_MEM, 0);
	log_regs(s, &r);
	log_put(s);
	if (pt_setregs(o->tid, &r))
		o->state = TS_EXITING;
}

static void leave(struct recorder *s, const struct placed *p, struct rtask *o)
{
	if (o->state == TS_EXITING || o->exit_logged || o->zombie)
		return;
	if (!o->in_call) {
		leave_station(s, p, o);
	} else if (in_area(p, o->regs.rip)) {
		call_log_entry(s, o);
		o->leaves_for = placed_to_app(&o->mm->images, o->regs.rip);
	}
}

void giveway_exit(struct rtask *t, regs_t *r)
{
	if (!t->leaves_for)
		return;
	r->rip = r->rcx = t->leaves_for;
	t->leaves_for = 0;
	pt_setregs(t->tid, r);
}

/* Map the program's file, as the trace holds it, in the place of the image's text. 0 or -1. */
static int map_original(struct recorder *s, struct rtask *t, const struct mapping *m, struct stat *st,
			int *fd)
{
	const struct kernel_mapping *k = &m->recorded;
	*fd = store_open(s->dir, m->original, false);
	if (*fd < 0 || fstat(*fd, st))
		return -1;
	struct remote_call c[3] = {
		handover_open(t, *fd),
		{SYS_mmap,
		 {k->start, k->end - k->start, k->prot, MAP_PRIVATE | MAP_FIXED, RUNTIME_RESULT, k->offset},
		 0},
		{SYS_close, {RUNTIME_RESULT}, 0},
	};
	return remote_batch(t->tid, c, 3, REMOTE_RECORD) || c[1].result != (int64_t)k->start ? -1 : 0;
}

/* What the program has written to the text itself, `was` before it was replaced: it keeps that. */
static void keep_written(struct recorder *s, struct rtask *t, const struct mapping *m, int image,
			 const uint8_t *was)
{
	const struct kernel_mapping *k = &m->recorded;
	uint8_t from[PIECE];
	for (uint64_t at = 0; at < k->end - k->start; at += PIECE) {
		memset(from, 0, sizeof(from));
		if (pread(image, from, PIECE, (off_t)(m->content + at)) < 0 || !memcmp(from, was + at, PIECE))
			continue;
		for (unsigned i = 0; i < PIECE; i++) {
			if (from[i] == was[at + i])
				continue;
			mem_write(t->tid, k->start + at + i, was + at + i, 1);
			event_chunk(&s->ev, CH_OUT, k->start + at + i, was + at + i, 1);
		}
	}
}

/* The mapping `m` shows text of the image: it shows the file from now on. 0 or -1. */
static int restore(struct recorder *s, struct rtask *t, struct mapping *m, int image)
{
	struct mapping now = *m;
	struct kernel_mapping *k = &now.recorded;
	struct stat st;
	char path[64];
	int fd = -1, rc = -1;
	uint8_t *was = log_alloc(s, k->end - k->start);
	fetch_mapped(s, t, k->start, k->end); /* no int3 of ours is there now */
	if (mem_read(t->tid, k->start, was, k->end - k->start) == k->end - k->start)
		rc = map_original(s, t, m, &st, &fd);
	if (!rc) {
		memcpy(now.hash, m->original, sizeof(now.hash));
		now.content = k->offset;
		k->flags &= ~(uint32_t)MAPF_IMAGE;
		event_op(&s->ev, OP_MAP)->map = now;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		kept_plant_sites(s, t, &now, path, &st);
		keep_written(s, t, m, image, was);
		space_map(&t->mm->space, &now);
		fetch_mapped(s, t, k->start, k->end);
	}
	if (fd >= 0)
		close(fd);
	return rc;
}

static int restore_all(struct recorder *s, struct rtask *t, const struct placed *p, int image)
{
	struct space *sp = &t->mm->space;
	unsigned n = 0;
	uint64_t end = 0;
	for (struct mapping *m; (m = space_from(sp, end));) {
		end = m->recorded.end;
		if (!(m->recorded.flags & MAPF_IMAGE) || !placed_shows(p, &m->recorded))
			continue;
		if (!restore(s, t, m, image)) {
			n++;
			continue;
		}
		if (n) {
			err_set("task %d: cannot map %s again", t->tid, m->recorded.name);
			rec_fail(s);
		}
		return -1;
	}
	return 0;
}

/* 0, or -1: the image must stay. */
static int give_way(struct recorder *s, struct rtask *t, struct placed p)
{
	struct rtask *o;
	int image = image_open(s, p.im);
	if (image < 0)
		return -1;
	for (o = t->mm->tasks; o; o = o->next_in_mm) {
		if (o != t && !can_leave(&p, o))
			return -1;
	}
	for (o = t->mm->tasks; o; o = o->next_in_mm) {
		if (o != t)
			leave(s, &p, o);
	}
	log_begin(s, t, EV_MEM, 0);
	if (restore_all(s, t, &p, image))
		return -1;
	remote_one(t->tid, REMOTE_RECORD, SYS_munmap, p.area, p.im->head.area_len, 0, 0, 0, 0);
	struct ev_op *op = event_op(&s->ev, OP_UNMAP);
	op->a = p.area;
	op->b = p.area + p.im->head.area_len;
	log_put(s);
	if (in_area(&p, t->regs.rip))
		t->regs.rip = t->regs.rcx = placed_to_app(&t->mm->images, t->regs.rip);
	return 0;
}

void giveway_range(struct recorder *s, struct rtask *t, uint64_t start, uint64_t end)
{
	placed_list *l = &t->mm->images;
	for (size_t i = 0; i < l->n; i++) {
		struct placed p = l->at[i];
		if (p.area >= end || p.area + p.im->head.area_len <= start || give_way(s, t, p))
			continue;
		l->at[i--] = l->at[--l->n];
		buffer_note_own(t->mm);
	}
}

/* Memory that several address spaces map: shared files, System V segments, anonymous memory. */
#include "record/objects.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

uint64_t object_file_key(uint64_t dev, uint64_t ino)
{
	uint64_t k[2] = {dev, ino};
	return XXH64(k, sizeof(k), 0);
}

struct robj *object_find(struct recorder *s, uint64_t dev, uint64_t ino)
{
	return hmap_get(&s->objects, object_file_key(dev, ino));
}

static uint64_t object_key(const struct robj *o)
{
	return o->dev || o->ino ? object_file_key(o->dev, o->ino) : o->id;
}

void object_sweep(struct recorder *s)
{
	if (s->objects.n <= 2 * s->objects_swept + 32)
		return;
	VEC(struct robj *) gone = {0};
	size_t i = 0;
	struct robj *o;
	while ((o = hmap_next(&s->objects, &i))) {
		if (!counts_object(&s->maps, o->id))
			*VEC_PUSH(&gone) = o;
	}
	for (i = 0; i < gone.n; i++) {
		event_op(&s->ev, OP_OBJGONE)->a = gone.at[i]->id;
		hmap_del(&s->objects, object_key(gone.at[i]));
		free(gone.at[i]);
	}
	VEC_FREE(&gone);
	s->objects_swept = s->objects.n;
}

struct robj *object_new(struct recorder *s, uint64_t dev, uint64_t ino, uint32_t group)
{
	struct robj *o = xcalloc(1, sizeof(*o));
	o->id = ++s->next_object;
	o->dev = dev;
	o->ino = ino;
	o->group = group;
	hmap_set(&s->objects, object_key(o), o);
	return o;
}

struct robj *object_by_id(struct recorder *s, uint64_t id)
{
	size_t i = 0;
	struct robj *o;
	while ((o = hmap_next(&s->objects, &i)) && o->id != id)
		;
	return o;
}

void object_join_group(struct recorder *s, struct rmm *mm, uint32_t group)
{
	uint32_t old = mm->group;
	size_t i = 0, j = 0;
	struct rtask *t;
	struct robj *o;
	mm->shares = true;
	if (old == group)
		return;
	mm->group = group;
	while ((t = hmap_next(&s->tasks, &i))) {
		if (t->mm->group == old)
			t->mm->group = group;
	}
	while ((o = hmap_next(&s->objects, &j))) {
		if (o->group == old)
			o->group = group;
	}
	sched_join(s, old, group);
}

void object_size(struct recorder *s, struct robj *o, uint64_t size)
{
	if (size == o->size)
		return;
	o->size = size;
	struct ev_op *op = event_op(&s->ev, OP_OBJSIZE);
	op->a = o->id;
	op->b = size;
}

void object_log(struct recorder *s, struct rtask *t, const struct robj *o, int fd, uint64_t off, uint64_t end,
		bool holes)
{
	uint8_t *data = xmalloc(1 << 20);
	while (off < end) {
		off_t from = holes ? (off_t)off : lseek(fd, (off_t)off, SEEK_DATA);
		if (from < 0 && errno == ENXIO)
			break;
		if (from >= 0)
			off = (uint64_t)from;
		size_t n = off < end ? (end - off < (1 << 20) ? (size_t)(end - off) : 1 << 20) : 0;
		ssize_t got = n ? pread(fd, data, n, (off_t)off) : 0;
		if (got <= 0)
			break;
		struct event mem = {.kind = EV_MEM, .tid = t->tid, .group = t->mm->group};
		event_chunk(&mem, CH_OBJ, off, data, (size_t)got);
		mem.chunks.at[0].obj = o->id;
		writer_put(s->w, &mem);
		event_free(&mem);
		off += (uint64_t)got;
	}
	free(data);
}

/* What replay has of an object that nobody maps may be old: forget it. */
static void empty_object(struct recorder *s, struct rtask *t, struct robj *o)
{
	struct event ev = {.kind = EV_MEM, .tid = t->tid, .group = t->mm->group};
	struct ev_op *op = event_op(&ev, OP_OBJSIZE);
	op->a = o->id;
	op->b = o->size = 0;
	writer_put(s->w, &ev);
	event_free(&ev);
}

bool object_is_mapped(struct recorder *s, const struct robj *o)
{
	return counts_object(&s->maps, o->id);
}

/* `t` maps the object. If nobody else does, those who did are no reason to wait for anybody:
 * they may even have had another file, which had the same inode. */
void object_join(struct recorder *s, struct rtask *t, struct robj *o)
{
	if (!object_is_mapped(s, o))
		o->group = t->mm->group;
	object_join_group(s, t->mm, o->group);
}

/* Put what the object's file holds in [from, to) on record. While somebody maps it,
 * what the trace has is followed store by store, and must not be read again: a task of
 * another group may just be storing. */
static void snapshot(struct recorder *s, struct rtask *t, struct robj *o, int fd, uint64_t from, uint64_t to)
{
	to = to < o->size ? to : o->size;
	if (!object_is_mapped(s, o) || o->lo >= o->hi) {
		object_log(s, t, o, fd, from, to, false);
		o->lo = from;
		o->hi = to;
		return;
	}
	if (from < o->lo) {
		object_log(s, t, o, fd, from, o->lo, false);
		o->lo = from;
	}
	if (to > o->hi) {
		object_log(s, t, o, fd, o->hi, to, false);
		o->hi = to;
	}
}

void object_map(struct recorder *s, struct rtask *t, struct mapping *m, int fd, const struct stat *st)
{
	struct robj *o = object_find(s, st->st_dev, st->st_ino);
	if (!o)
		o = object_new(s, st->st_dev, st->st_ino, t->mm->group);
	m->source = SRC_OBJECT;
	m->object = o->id;
	object_join(s, t, o);
	if (s->ev.kind != EV_MEM) /* a buffered call is on record already */
		log_force_entry(s, t);
	s->ev.group = t->mm->group;
	if (o->size && !object_is_mapped(s, o))
		empty_object(s, t, o);
	object_size(s, o, (uint64_t)st->st_size);
	snapshot(s, t, o, fd, m->recorded.offset, m->recorded.offset + (m->recorded.end - m->recorded.start));
}

uint64_t object_mirror(struct recorder *s, struct rtask *t, int fd, const struct stat *st, uint64_t from,
		       uint64_t to)
{
	struct robj *o = object_find(s, st->st_dev, st->st_ino);
	if (!o)
		o = object_new(s, st->st_dev, st->st_ino, t->mm->group);
	o->part = true;
	object_join(s, t, o);
	if (o->size && !object_is_mapped(s, o))
		empty_object(s, t, o);
	log_begin(s, t, EV_MEM, 0);
	object_size(s, o, (uint64_t)st->st_size);
	if (s->ev.ops.n)
		log_put(s);
	snapshot(s, t, o, fd, from, to);
	return o->id;
}

void object_convert(struct recorder *s, const struct stat *st, struct robj *o, int fd)
{
	size_t i = 0;
	struct rtask *t;
	while ((t = task_next_mm(s, &i))) {
		struct space *sp = &t->mm->space;
		for (struct mapping *m = space_first(sp); m; m = space_next(sp, m)) {
			if (m->source != SRC_FILE || !(m->recorded.flags & MAPF_SHARED) ||
			    m->recorded.dev != st->st_dev || m->recorded.ino != st->st_ino)
				continue;
			uint64_t from = m->recorded.offset;
			space_set_object(sp, m, o->id);
			object_join_group(s, t->mm, o->group);
			snapshot(s, t, o, fd, from, from + (m->recorded.end - m->recorded.start));
			struct event ev = {.kind = EV_MEM, .tid = t->tid, .group = t->mm->group};
			event_op(&ev, OP_MAP)->map = *m;
			writer_put(s->w, &ev);
			event_free(&ev);
		}
	}
}

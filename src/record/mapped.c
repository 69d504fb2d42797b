/* Which files somebody maps: writes to these are the recorder's (docs/runtime.md). */
#include "record/session.h"

#include "record/objects.h"

#define MANY 512 /* files in the filter, whose false answers cost a stop each */

/* Files that nobody maps any more leave the filter. A task that asks it meanwhile gets the old answer
 * or the new one, and both are right: the new one says of no file that is mapped that it is not. */
static void rebuild(struct recorder *s)
{
	uint64_t bits[ARRAY_LEN(s->world->mapped)] = {0};
	size_t i = 0;
	struct file_count *f;
	hmap_free(&s->mapped);
	while ((f = hmap_next(&s->maps.files, &i))) {
		uint32_t bit = mapped_bit(f->dev, f->ino);
		bits[bit / 64] |= 1ull << (bit % 64);
		hmap_set(&s->mapped, object_file_key(f->dev, f->ino), s);
	}
	s->mapped_swept = s->mapped.n;
	for (i = 0; s->world && i < ARRAY_LEN(bits); i++)
		__atomic_store_n(&s->world->mapped[i], bits[i], __ATOMIC_SEQ_CST);
	if (s->world)
		__atomic_add_fetch(&s->world->generation, 1, __ATOMIC_SEQ_CST);
}

/* A task of another group may be between asking whether the file is mapped and writing
 * to it: it sees the new answer, or we wait until it has written. */
static void buffer_note_mapped(struct recorder *s, uint64_t dev, uint64_t ino)
{
	size_t i = 0;
	struct rtask *t;
	uint32_t bit = mapped_bit(dev, ino);
	if (!s->world)
		return;
	__atomic_or_fetch(&s->world->mapped[bit / 64], 1ull << (bit % 64), __ATOMIC_SEQ_CST);
	__atomic_add_fetch(&s->world->generation, 1, __ATOMIC_SEQ_CST);
	while ((t = hmap_next(&s->tasks, &i))) {
		struct pages *b = t->mm->buf;
		while (b && t->state == TS_USER && !t->has_status &&
		       __atomic_load_n(&b->st->busy, __ATOMIC_SEQ_CST)) {
			if (sched_wait(s, WNOHANG) <= 0)
				sched_yield();
		}
	}
}

void memory_note_file(struct recorder *s, uint64_t dev, uint64_t ino)
{
	uint64_t key = object_file_key(dev, ino);
	if (hmap_get(&s->mapped, key))
		return;
	if (s->mapped.n > 2 * s->mapped_swept + MANY)
		rebuild(s);
	hmap_set(&s->mapped, key, s);
	buffer_note_mapped(s, dev, ino);
}

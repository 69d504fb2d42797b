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

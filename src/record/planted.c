/* Instructions that trap where they stand (rewrite/sites.h), in the memory of one address space. */
#include "record/session.h"

#include <sys/mman.h>

#include "layout.h"
#include "rewrite/sites.h"

/* What is to be known of a site when it traps, as the value of a map: not 0. */
static void *pack(const struct site *s)
{
	return (void *)(1ull << 32 | (uint64_t)s->kind << 24 | (uint64_t)s->len << 16 |
			(uint64_t)s->reg << 8 | s->size);
}

bool planted_at(const struct rmm *mm, uint64_t addr, struct site *out)
{
	uint64_t v = (uint64_t)hmap_get(&mm->sites, addr);
	*out = (struct site){.kind = (uint8_t)(v >> 24),
			     .len = (uint8_t)(v >> 16),
			     .reg = (uint8_t)(v >> 8),
			     .size = (uint8_t)v};
	return v;
}

void planted_add(struct rmm *mm, uint64_t addr, const struct site *site)
{
	hmap_set(&mm->sites, addr, pack(site));
}

void planted_remove(struct rmm *mm, uint64_t addr)
{
	hmap_del(&mm->sites, addr);
}

static bool still_there(const struct rmm *mm, uint64_t addr)
{
	const struct mapping *m = space_find(&mm->space, addr);
	return (addr >= RUNTIME_BASE && addr < RUNTIME_END) || (m && m->recorded.prot & PROT_EXEC);
}

void planted_begin(struct rmm *mm)
{
	struct hmap old = mm->sites;
	if (old.n <= 2 * mm->sites_swept + 256)
		return;
	mm->sites = (struct hmap){0};
	for (size_t i = 0; i < old.cap; i++) {
		if (old.slot[i].val && still_there(mm, old.slot[i].key))
			hmap_set(&mm->sites, old.slot[i].key, old.slot[i].val);
	}
	hmap_free(&old);
	mm->sites_swept = mm->sites.n;
}

void planted_copy(struct rmm *to, const struct rmm *from)
{
	for (size_t i = 0; i < from->sites.cap; i++) {
		if (from->sites.slot[i].val)
			hmap_set(&to->sites, from->sites.slot[i].key, from->sites.slot[i].val);
	}
}

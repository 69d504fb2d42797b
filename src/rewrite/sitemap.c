#include "rewrite/sitemap.h"

const struct placed *placed_area(const placed_list *l, uint64_t ip)
{
	for (size_t i = 0; i < l->n; i++) {
		if (ip - l->at[i].area < l->at[i].im->head.area_len)
			return &l->at[i];
	}
	return NULL;
}

uint64_t placed_to_app(const placed_list *l, uint64_t ip)
{
	const struct placed *p = placed_area(l, ip);
	if (!p)
		return ip;
	uint64_t off = ip - p->area;
	size_t lo = 0, hi = p->im->head.nentries;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (p->im->entries[mid].stub <= off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? p->text + p->im->entries[lo - 1].app : ip;
}

/* The first of entries [lo, hi) whose group begins at or after `off`. */
static size_t group_after(const struct image *im, size_t lo, size_t hi, uint64_t off)
{
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (im->entries[mid].group < off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The stub address for an address that is displaced by a group of entries [lo, hi); 0: none is. */
static uint64_t displaced(const struct placed *p, size_t lo, size_t hi, uint64_t off)
{
	size_t end = group_after(p->im, lo, hi, off);
	if (end == lo)
		return 0;
	uint32_t group = p->im->entries[end - 1].group;
	if (off >= group + p->im->entries[end - 1].group_len)
		return 0;
	for (size_t i = group_after(p->im, lo, hi, group); i < end; i++) {
		const struct image_entry *e = &p->im->entries[i];
		if (e->app == off && !(e->flags & ENTRY_TRAPPED))
			return p->area + e->stub;
	}
	return 0;
}

static uint64_t in_image(const struct placed *p, uint64_t ip)
{
	uint32_t near = p->im->head.nnear, all = p->im->head.nentries;
	uint64_t stub = displaced(p, 0, near, ip - p->text);
	if (!stub)
		stub = displaced(p, near, all, ip - p->text);
	return stub ? stub : ip;
}

bool placed_shows(const struct placed *p, const struct kernel_mapping *k)
{
	for (unsigned i = 0; i < p->im->head.nsegs; i++) {
		const struct image_seg *s = &p->im->head.seg[i];
		if (k->offset - s->file_off < s->len &&
		    p->text + s->base + (k->offset - s->file_off) == k->start)
			return true;
	}
	return false;
}

uint64_t placed_to_stub(const placed_list *l, const struct space *sp, uint64_t ip)
{
	const struct mapping *m = space_find(sp, ip);
	if (!m || !(m->recorded.flags & MAPF_IMAGE))
		return ip;
	for (size_t i = 0; i < l->n; i++) {
		if (placed_shows(&l->at[i], &m->recorded))
			return in_image(&l->at[i], ip);
	}
	return ip;
}

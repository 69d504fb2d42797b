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

/* The first entry of the first group that begins at or after `off`. */
static size_t group_after(const struct image *im, uint64_t off)
{
	size_t lo = 0, hi = im->head.nentries;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (im->entries[mid].group < off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static uint64_t in_image(const struct placed *p, uint64_t ip)
{
	uint64_t off = ip - p->text;
	size_t end = group_after(p->im, off);
	if (!end)
		return ip;
	uint32_t group = p->im->entries[end - 1].group;
	if (off >= group + p->im->entries[end - 1].group_len)
		return ip;
	for (size_t i = group_after(p->im, group); i < end; i++) {
		if (p->im->entries[i].app == off)
			return p->area + p->im->entries[i].stub;
	}
	return ip;
}

uint64_t placed_to_stub(const placed_list *l, uint64_t ip)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct image_header *h = &l->at[i].im->head;
		uint64_t span = h->nsegs ? h->seg[h->nsegs - 1].base + h->seg[h->nsegs - 1].len : 0;
		if (ip - l->at[i].text < span)
			return in_image(&l->at[i], ip);
	}
	return ip;
}

#include "base/hmap.h"

#include <stdlib.h>

#include "base/mem.h"

static size_t home(const struct hmap *m, uint64_t key)
{
	return (size_t)((key * 0x9e3779b97f4a7c15ull) >> 20) & (m->cap - 1);
}

static struct hmap_slot *find(const struct hmap *m, uint64_t key)
{
	if (!m->cap)
		return NULL;
	for (size_t i = home(m, key);; i = (i + 1) & (m->cap - 1)) {
		if (!m->slot[i].val || m->slot[i].key == key)
			return &m->slot[i];
	}
}

void *hmap_get(const struct hmap *m, uint64_t key)
{
	struct hmap_slot *s = find(m, key);
	return s ? s->val : NULL;
}

static void grow(struct hmap *m)
{
	struct hmap old = *m;
	m->cap = old.cap ? old.cap * 2 : 16;
	m->slot = xcalloc(m->cap, sizeof(*m->slot));
	for (size_t i = 0; i < old.cap; i++) {
		if (old.slot[i].val)
			*find(m, old.slot[i].key) = old.slot[i];
	}
	free(old.slot);
}

void hmap_set(struct hmap *m, uint64_t key, void *val)
{
	if (m->n * 4 >= m->cap * 3)
		grow(m);
	struct hmap_slot *s = find(m, key);
	if (!s->val)
		m->n++;
	*s = (struct hmap_slot){key, val};
}

void *hmap_del(struct hmap *m, uint64_t key)
{
	struct hmap_slot *s = find(m, key);
	if (!s || !s->val)
		return NULL;
	void *val = s->val;
	s->val = NULL;
	m->n--;
	/* Close the gap: move back every follower that may no longer be found. */
	size_t gap = (size_t)(s - m->slot);
	for (size_t i = (gap + 1) & (m->cap - 1); m->slot[i].val; i = (i + 1) & (m->cap - 1)) {
		size_t h = home(m, m->slot[i].key);
		if (((i - h) & (m->cap - 1)) >= ((i - gap) & (m->cap - 1))) {
			m->slot[gap] = m->slot[i];
			m->slot[i].val = NULL;
			gap = i;
		}
	}
	return val;
}

void *hmap_next(const struct hmap *m, size_t *i)
{
	while (*i < m->cap) {
		void *v = m->slot[(*i)++].val;
		if (v)
			return v;
	}
	return NULL;
}

void hmap_free(struct hmap *m)
{
	free(m->slot);
	*m = (struct hmap){0};
}

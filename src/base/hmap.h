/* A hash map from a 64-bit key to a pointer; open addressing, linear probing. */
#ifndef BASE_HMAP_H
#define BASE_HMAP_H

#include <stddef.h>
#include <stdint.h>

struct hmap {
	struct hmap_slot {
		uint64_t key;
		void *val;
	} * slot;
	size_t n, cap;
};

/* The value of `key`, or NULL. */
void *hmap_get(const struct hmap *m, uint64_t key);
/* Set `key` to `val` (not NULL). The map does not own values. */
void hmap_set(struct hmap *m, uint64_t key, void *val);
/* Remove `key` and return its value, or NULL. */
void *hmap_del(struct hmap *m, uint64_t key);
/* Walk: start with *i = 0; NULL at the end. Do not change the map meanwhile. */
void *hmap_next(const struct hmap *m, size_t *i);
void hmap_free(struct hmap *m);

#endif

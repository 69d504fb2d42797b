/* Instrumented images kept on disk, by the content of what they were made from. */
#ifndef REWRITE_CACHE_H
#define REWRITE_CACHE_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

#define CACHE_LIMIT (2ull << 30) /* bytes; older images go first */

/* The image of ELF file `fd`, whose content has the name `hash`: from the cache, or made
 * now and kept there if it can be kept. A descriptor to close; -1 when there is none (no
 * error text: the file then runs as it is). Made on `cpus` (base/ahead.h). */
int cache_image(int fd, const char *hash, const cpu_set_t *cpus);

struct cache_entry {
	char name[64];
	uint64_t size; /* bytes on disk; 0: the file needs no image */
	int64_t used;  /* seconds since 1970 */
};
typedef VEC(struct cache_entry) cache_list;

/* The directory (to free). */
char *cache_dir(void);
/* What is in it, oldest use first. */
void cache_read(cache_list *out);
/* Remove until at most `limit` bytes are left. Bytes removed. */
uint64_t cache_trim(uint64_t limit);

#endif

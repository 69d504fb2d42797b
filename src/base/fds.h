/* Descriptors of our own: how many there may be, and a cache that keeps few of them open. */
#ifndef BASE_FDS_H
#define BASE_FDS_H

#include <stdint.h>

/* Raise the soft limit of descriptors to the hard one. Processes that are started afterwards inherit
 * that: the recorded program is started before. */
void fds_raise_limit(void);

/* Descriptors of the files that were used last; zeroed: empty. It owns them. */
#define FD_CACHE 64
struct fd_cache {
	struct fd_slot {
		uint64_t key, used; /* used: 0: the slot is free */
		int fd;
	} slot[FD_CACHE];
	uint64_t clock;
};

/* The descriptor that is kept for `key`, or -1. It stays open while fewer than FD_CACHE others are
 * used. */
int fd_cache_get(struct fd_cache *c, uint64_t key);
/* Keep `fd` for `key`, for which none is kept. The one that was used longest ago makes room. */
void fd_cache_put(struct fd_cache *c, uint64_t key, int fd);
void fd_cache_close(struct fd_cache *c);

#endif

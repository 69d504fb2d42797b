#include "base/fds.h"

#include <sys/resource.h>
#include <unistd.h>

void fds_raise_limit(void)
{
	struct rlimit lim;
	if (getrlimit(RLIMIT_NOFILE, &lim) || lim.rlim_cur >= lim.rlim_max)
		return;
	lim.rlim_cur = lim.rlim_max;
	setrlimit(RLIMIT_NOFILE, &lim);
}

int fd_cache_get(struct fd_cache *c, uint64_t key)
{
	for (unsigned i = 0; i < FD_CACHE; i++) {
		if (!c->slot[i].used || c->slot[i].key != key)
			continue;
		c->slot[i].used = ++c->clock;
		return c->slot[i].fd;
	}
	return -1;
}

void fd_cache_put(struct fd_cache *c, uint64_t key, int fd)
{
	struct fd_slot *s = &c->slot[0];
	for (unsigned i = 1; i < FD_CACHE; i++) {
		if (c->slot[i].used < s->used)
			s = &c->slot[i];
	}
	if (s->used)
		close(s->fd);
	*s = (struct fd_slot){key, ++c->clock, fd};
}

void fd_cache_close(struct fd_cache *c)
{
	for (unsigned i = 0; i < FD_CACHE; i++) {
		if (c->slot[i].used)
			close(c->slot[i].fd);
	}
	*c = (struct fd_cache){0};
}

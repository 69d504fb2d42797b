/* Files of the trace: what programs map is kept there, and remembered with the instructions in it that trap.
 */
#include "record/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/err.h"
#include "base/file.h"
#include "rewrite/sites.h"

#define KEPT_MAX 4096 /* files that are remembered */

/* A file kept before: nothing about it has changed, and it was not so young when it
 * was kept that a change could have left its times the same. */
struct kept {
	char hash[36];
	site_list sites;
	bool searched;
};

static struct kept *kept_find(struct recorder *s, const struct stat *st, uint64_t *key)
{
	const struct file_id id = file_id(st);
	struct timespec now;
	clock_gettime(CLOCK_REALTIME_COARSE, &now); /* see task/tsc.h */
	*key = XXH64(&id, sizeof(id), 0);
	return now.tv_sec - st->st_ctim.tv_sec > 1 ? hmap_get(&s->files, *key) : NULL;
}

static void forget_kept(struct recorder *s)
{
	size_t i = 0;
	struct kept *k;
	while ((k = hmap_next(&s->files, &i))) {
		VEC_FREE(&k->sites);
		free(k);
	}
	hmap_free(&s->files);
}

static struct kept *keep_new(struct recorder *s, const char *path, const char *name, const struct stat *want,
			     uint64_t key)
{
	struct stat st;
	struct kept *k = xcalloc(1, sizeof(*k));
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = -1;
	if (fd < 0 || fstat(fd, &st))
		err_sys(errno, "cannot read a mapped file (%s)", name);
	else if (st.st_dev != want->st_dev || st.st_ino != want->st_ino)
		err_set("%s was replaced while it was being mapped", name);
	else
		rc = writer_store_fd(s->w, fd, &st, k->hash) ? err_add("mapping %s", name) : 0;
	if (fd >= 0)
		close(fd);
	if (rc) {
		free(k);
		return NULL;
	}
	if (s->files.n >= KEPT_MAX)
		forget_kept(s);
	struct kept *old = hmap_get(&s->files, key);
	if (old)
		VEC_FREE(&old->sites);
	free(old);
	hmap_set(&s->files, key, k);
	return k;
}

int kept_store(struct recorder *s, const char *path, const struct stat *st, struct mapping *m)
{
	uint64_t key;
	struct kept *k = kept_find(s, st, &key);
	if (!k)
		k = keep_new(s, path, m->recorded.name, st, key);
	if (!k)
		return -1;
	memcpy(m->hash, k->hash, sizeof(m->hash));
	m->source = SRC_FILE;
	m->content = m->recorded.offset;
	m->recorded.size = (uint64_t)st->st_size;
	return 0;
}

static void search_sites(struct kept *k, const char *path)
{
	int fd = k->searched ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	k->searched = true;
	if (fd < 0)
		return;
	sites_find(fd, &k->sites);
	close(fd);
}

void kept_plant_sites(struct recorder *s, struct rtask *t, const struct mapping *m, const char *path,
		      const struct stat *st)
{
	static const uint8_t int3 = 0xcc;
	const struct kernel_mapping *k = &m->recorded;
	uint64_t key;
	if (!(k->prot & PROT_EXEC))
		return;
	struct kept tmp = {0}, *f = kept_find(s, st, &key);
	f = f ? f : &tmp;
	search_sites(f, path);
	planted_begin(t->mm);
	for (size_t i = 0; i < f->sites.n; i++) {
		const struct site *site = &f->sites.at[i];
		uint64_t addr = k->start + (site->offset - k->offset);
		if (site->offset < k->offset || addr >= k->end ||
		    (site->kind == SITE_CPUID && s->cpuid_faults))
			continue;
		if (site->kind == SITE_SUSPECT) {
			fetch_text(t->mm, addr);
			continue;
		}
		if (mem_write(t->tid, addr, &int3, 1))
			continue;
		planted_add(t->mm, addr, site);
		event_chunk(&s->ev, CH_OUT, addr, &int3, 1);
	}
	VEC_FREE(&tmp.sites);
}

/* Instrumented images in the address spaces of tasks. */
#include "record/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/err.h"
#include "layout.h"
#include "rewrite/cache.h"
#include "task/remote.h"
#include "trace/sharedfiles.h"
#include "trace/store.h"

/* The image of one file. */
struct rimage {
	struct image im; /* first: address spaces point to it */
	uint64_t key;
	bool there;    /* false: the file has none */
	bool placed;   /* while those are looked for that are not */
	int cache_fd;  /* of the image cache, where the trace's copy cannot be executed; else -1 */
	char hash[36]; /* in the trace's store */
};

/* Programs run from the trace's file, so that it is what replay has. (Not where nothing may be
 * executed.) */
static int image_fd(struct recorder *s, struct rimage *r)
{
	struct statvfs fs;
	int fd = r->cache_fd >= 0 ? r->cache_fd : fd_cache_get(&s->image_fds, r->key);
	if (fd >= 0)
		return fd;
	fd = store_open(s->dir, r->hash, false);
	if (fd >= 0 && !fstatvfs(fd, &fs) && !(fs.f_flag & ST_NOEXEC)) {
		fd_cache_put(&s->image_fds, r->key, fd);
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

int image_open(struct recorder *s, const struct image *im)
{
	return image_fd(s, (struct rimage *)im);
}

/* The image that another trace has. -1: none, or it is damaged. */
static int known_image(struct recorder *s, struct rimage *r, const char *alias)
{
	if (!writer_store_known(s->w, alias, r->hash))
		return -1;
	int fd = store_open(s->dir, r->hash, true);
	if (fd >= 0 && !image_load(&r->im, fd, false))
		return fd;
	if (fd >= 0)
		close(fd);
	writer_store_drop(s->w, r->hash);
	return -1;
}

static int cached_image(struct recorder *s, struct rimage *r, const char *path, const char *hash,
			const char *alias)
{
	int elf_fd = open(path, O_RDONLY | O_CLOEXEC);
	int fd = elf_fd < 0 ? -1 : cache_image(elf_fd, hash, &s->cpus);
	if (elf_fd >= 0)
		close(elf_fd);
	if (fd >= 0 && (image_load(&r->im, fd, false) ||
			writer_store_image(s->w, fd, r->im.head.size, alias, r->hash))) {
		close(fd);
		return -1;
	}
	return fd;
}

static struct rimage *make(struct recorder *s, const char *path, const char *hash, uint64_t key)
{
	struct rimage *r = xcalloc(1, sizeof(*r));
	char alias[ALIAS_SIZE];
	snprintf(alias, sizeof(alias), "image-%s-%s", hash, image_version());
	r->key = key;
	r->cache_fd = -1;
	int fd = known_image(s, r, alias);
	if (fd < 0)
		fd = cached_image(s, r, path, hash, alias);
	r->there = fd >= 0;
	if (r->there && image_fd(s, r) < 0)
		r->cache_fd = fd;
	else if (r->there)
		close(fd);
	return r;
}

static void free_image(struct rimage *r)
{
	if (r->cache_fd >= 0)
		close(r->cache_fd);
	image_free(&r->im);
	free(r);
}

/* Free the images that no address space has. */
static void sweep(struct recorder *s)
{
	VEC(struct rimage *) gone = {0};
	size_t i = 0;
	struct rtask *t;
	struct rimage *r;
	for (size_t j = 0; (r = hmap_next(&s->images, &j));)
		r->placed = false;
	while ((t = hmap_next(&s->tasks, &i))) {
		for (size_t j = 0; j < t->mm->images.n; j++)
			((struct rimage *)t->mm->images.at[j].im)->placed = true;
	}
	for (size_t j = 0; (r = hmap_next(&s->images, &j));) {
		if (!r->placed)
			*VEC_PUSH(&gone) = r;
	}
	for (i = 0; i < gone.n; i++) {
		hmap_del(&s->images, gone.at[i]->key);
		free_image(gone.at[i]);
	}
	VEC_FREE(&gone);
	s->images_swept = s->images.n;
}

static struct rimage *find(struct recorder *s, const char *path, const char *hash)
{
	uint64_t key = XXH64(hash, strlen(hash), 0);
	struct rimage *r = hmap_get(&s->images, key);
	if (!r) {
		if (s->images.n > 2 * s->images_swept + 64)
			sweep(s);
		r = make(s, path, hash, key);
		hmap_set(&s->images, key, r);
	}
	return r->there ? r : NULL;
}

/* The segment that the mapping shows (part of), or NULL. */
static const struct image_seg *segment_of(const struct image *im, const struct kernel_mapping *k)
{
	for (unsigned i = 0; i < im->head.nsegs; i++) {
		const struct image_seg *s = &im->head.seg[i];
		if (k->offset >= s->file_off && k->offset + (k->end - k->start) <= s->file_off + s->len)
			return s;
	}
	return NULL;
}

static bool is_placed(const struct rmm *mm, const struct image *im, uint64_t text)
{
	for (size_t i = 0; i < mm->images.n; i++) {
		if (mm->images.at[i].im == im && mm->images.at[i].text == text)
			return true;
	}
	return false;
}

static struct remote_call map_call(uint64_t addr, uint64_t len, uint64_t how, uint64_t off)
{
	return (struct remote_call){
		SYS_mmap, {addr, len, PROT_READ | PROT_EXEC, MAP_PRIVATE | how, RUNTIME_RESULT, off}, 0};
}

/* Open the image in the task and map it: the area (unless it is there), then the text.
 * 0: both are; 1: nothing has changed; -1: the task is gone. */
static int map_both(struct rtask *t, const struct rimage *r, int fd, uint64_t area, const struct mapping *m,
		    bool have)
{
	const struct image_header *h = &r->im.head;
	struct remote_call c[4] = {handover_open(t, fd)};
	unsigned k = 1;
	bool needs_area = h->area_len && !have;
	if (needs_area)
		c[k++] = map_call(area, h->area_len, MAP_FIXED_NOREPLACE, h->area_off);
	c[k++] = map_call(m->recorded.start, m->recorded.end - m->recorded.start, MAP_FIXED, m->content);
	c[k++] = (struct remote_call){SYS_close, {RUNTIME_RESULT}, 0};
	if (remote_batch(t->tid, c, k, REMOTE_RECORD))
		return -1;
	if (c[0].result < 0)
		return handover_failed(t, &c[0]) ? map_both(t, r, fd, area, m, have) : 1;
	bool area_ok = !needs_area || c[1].result == (int64_t)area;
	if (area_ok && c[k - 2].result == (int64_t)m->recorded.start)
		return 0;
	if (needs_area && c[1].result > 0)
		remote_one(t->tid, REMOTE_RECORD, SYS_munmap, (uint64_t)c[1].result, h->area_len, 0, 0, 0, 0);
	return 2;
}

/* The text was replaced, but its area has no place: put the original back. */
static int put_back(struct rtask *t, const struct mapping *m, const char *path)
{
	const struct kernel_mapping *k = &m->recorded;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct remote_call c[3] = {
		handover_open(t, fd),
		map_call(k->start, k->end - k->start, MAP_FIXED, k->offset),
		{SYS_close, {RUNTIME_RESULT}, 0},
	};
	c[1].args[2] = k->prot;
	int rc = fd < 0 || remote_batch(t->tid, c, 3, REMOTE_RECORD) || c[1].result != (int64_t)k->start;
	if (fd >= 0)
		close(fd);
	return rc ? -1 : 0;
}

static void add_sites(struct rtask *t, const struct image *im, const struct kernel_mapping *k)
{
	planted_begin(t->mm);
	for (unsigned i = 0; i < im->head.nsites; i++) {
		const struct site *site = &im->sites[i];
		uint64_t addr = k->start + (site->offset - k->offset);
		if (site->offset < k->offset || addr >= k->end)
			continue;
		if (site->kind == SITE_SUSPECT)
			fetch_text(t->mm, addr);
		else
			planted_add(t->mm, addr, site);
	}
}

static void log_area(struct recorder *s, const struct rimage *r, uint64_t area)
{
	struct mapping *m = &event_op(&s->ev, OP_MAP)->map;
	*m = (struct mapping){.source = SRC_FILE, .content = r->im.head.area_off};
	m->recorded = (struct kernel_mapping){.start = area,
					      .end = area + r->im.head.area_len,
					      .prot = PROT_READ | PROT_EXEC,
					      .flags = MAPF_AREA,
					      .size = r->im.head.size};
	memcpy(m->hash, r->hash, sizeof(m->hash));
}

bool image_map(struct recorder *s, struct rtask *t, struct mapping *m, const char *path)
{
	const struct kernel_mapping *k = &m->recorded;
	/* Its tracer may change its code, and make it step: there are no stubs then. */
	if (s->unbuffered || t->traced || !t->mm->buf || k->prot != (PROT_READ | PROT_EXEC) || k->flags & MAPF_SHARED)
		return false;
	struct rimage *r = find(s, path, m->hash);
	const struct image_seg *seg = r ? segment_of(&r->im, k) : NULL;
	if (!seg)
		return false;
	uint64_t text = k->start - (k->offset - seg->file_off) - seg->base;
	uint64_t area = text + (uint64_t)r->im.head.distance;
	bool have = is_placed(t->mm, &r->im, text);
	uint64_t content = m->content;
	m->content = seg->text_off + (k->offset - seg->file_off);
	int rc = map_both(t, r, image_fd(s, r), area, m, have);
	if (rc) {
		m->content = content;
		if (rc == 2 && put_back(t, m, path)) {
			err_set("task %d: cannot map %s again", t->tid, k->name);
			rec_fail(s);
		}
		return false;
	}
	memcpy(m->original, m->hash, sizeof(m->original));
	memcpy(m->hash, r->hash, sizeof(m->hash));
	m->recorded.flags |= MAPF_IMAGE;
	if (!have) {
		if (r->im.head.area_len)
			log_area(s, r, area);
		*VEC_PUSH(&t->mm->images) = (struct placed){&r->im, text, area};
		buffer_note_own(t->mm);
	}
	add_sites(t, &r->im, k);
	return true;
}

void image_unmap(struct recorder *s, struct rtask *t, uint64_t start, uint64_t end)
{
	placed_list *l = &t->mm->images;
	for (size_t i = 0; i < l->n; i++) {
		const struct image_header *h = &l->at[i].im->head;
		const struct image_seg *last = &h->seg[h->nsegs - 1];
		uint64_t area = l->at[i].area;
		if (start > l->at[i].text || l->at[i].text + last->base + last->len > end)
			continue;
		if (h->area_len) {
			remote_one(t->tid, REMOTE_RECORD, SYS_munmap, area, h->area_len, 0, 0, 0, 0);
			struct ev_op *op = event_op(&s->ev, OP_UNMAP);
			op->a = area;
			op->b = area + h->area_len;
		}
		l->at[i--] = l->at[--l->n];
		buffer_note_own(t->mm);
	}
}

/* Image files: reading and checking them. */
#include "rewrite/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "layout_stamp.h"

#define PAGE 4096ull
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

int image_checksum(int fd, uint64_t size, uint64_t *sum)
{
	XXH3_state_t *st = XXH3_createState();
	char *buf = xmalloc(1 << 20);
	int rc = 0;
	XXH3_64bits_reset(st);
	for (uint64_t off = PAGE; off < size && !rc;) {
		size_t want = size - off < 1 << 20 ? (size_t)(size - off) : 1 << 20;
		ssize_t n = pread_full(fd, buf, want, off);
		if (n <= 0)
			rc = n < 0 ? (int)n : -EIO;
		else
			XXH3_64bits_update(st, buf, (size_t)n);
		off += want;
	}
	*sum = XXH3_64bits_digest(st);
	XXH3_freeState(st);
	free(buf);
	return rc;
}

const char *image_version(void)
{
	return TEXT(IMAGE_VERSION) "-" TEXT(LAYOUT_STAMP);
}

/* An intact image that another version of Reprise has made. */
static bool is_foreign(const struct image_header *h)
{
	return !memcmp(h->magic, IMAGE_MAGIC, sizeof(IMAGE_MAGIC)) &&
	       (h->version != IMAGE_VERSION || h->layout != LAYOUT_STAMP);
}

static bool header_ok(const struct image_header *h, uint64_t size)
{
	if (memcmp(h->magic, IMAGE_MAGIC, sizeof(IMAGE_MAGIC)) || is_foreign(h) || h->nnear > h->nentries ||
	    h->size != size || h->nsegs > IMAGE_SEGS || h->tables > size)
		return false;
	if (h->nentries * sizeof(struct image_entry) + h->nsites * sizeof(struct site) > size - h->tables)
		return false;
	for (unsigned i = 0; i < h->nsegs; i++) {
		const struct image_seg *s = &h->seg[i];
		if (((s->file_off | s->len | s->text_off | s->base) & (PAGE - 1)) || s->text_off > size ||
		    s->len > size - s->text_off)
			return false;
	}
	return !((h->area_off | h->area_len | (uint64_t)h->distance) & (PAGE - 1)) && h->area_off <= size &&
	       h->area_len <= size - h->area_off;
}

static int read_tables(struct image *im, int fd)
{
	size_t ne = im->head.nentries * sizeof(*im->entries), ns = im->head.nsites * sizeof(*im->sites);
	im->entries = xmalloc(ne + 1);
	im->sites = xmalloc(ns + 1);
	if (pread_full(fd, im->entries, ne, im->head.tables) != (ssize_t)ne ||
	    pread_full(fd, im->sites, ns, im->head.tables + ne) != (ssize_t)ns)
		return -1;
	return 0;
}

int image_load(struct image *im, int fd, bool whole)
{
	struct stat st;
	uint64_t sum;
	memset(im, 0, sizeof(*im));
	if (fstat(fd, &st) || pread_full(fd, &im->head, sizeof(im->head), 0) != sizeof(im->head) ||
	    !header_ok(&im->head, (uint64_t)st.st_size) || read_tables(im, fd) ||
	    (whole && (image_checksum(fd, im->head.size, &sum) || sum != im->head.xxh64))) {
		bool foreign = is_foreign(&im->head);
		unsigned version = im->head.version;
		image_free(im);
		return foreign ? err_set("an instrumented image is of version %u, which only the Reprise "
					 "that made it "
					 "can run (this one has %s): record again, or replay with that one",
					 version, image_version())
			       : err_set("an instrumented image is damaged");
	}
	return 0;
}

void image_free(struct image *im)
{
	free(im->entries);
	free(im->sites);
	im->entries = NULL;
	im->sites = NULL;
}

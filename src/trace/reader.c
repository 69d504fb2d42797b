#include "trace/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

#include "base/err.h"
#include "base/file.h"
#include "trace/format.h"

struct frame {
	struct frame_header head;
	uint64_t off; /* of the compressed bytes */
};

/* A frame that the other thread unpacks while the events before it are read. */
struct ahead {
	enum { AH_NOTHING, AH_WANTED, AH_BUSY, AH_DONE } state;
	bool queued; /* in the list of those that the thread is to look at */
	struct cursor *next;
	uint32_t frame;
	uint8_t *raw;
	int rc;
};

/* The frame that is being read, from the first event of a group to the last. */
struct place {
	uint8_t *raw;
	struct rd rd;
	uint32_t left; /* events left in the frame */
	struct ev_codec codec;
	struct event ev;
};

/* Where reading is in one group's events. */
struct cursor {
	uint32_t group;
	VEC(uint32_t) frames; /* indexes, in order */
	size_t next_frame;
	bool left_out;	     /* reader_only */
	struct place *place; /* NULL before the group's first event and after its last */
	bool ready;	     /* place->ev is decoded and not handed out yet */
	uint64_t key;	     /* number of its next event; of a frame not unpacked yet, as its header says */
	struct ahead ahead;
};

struct trace_reader {
	char *dir, *json;
	int fd;
	const uint8_t *mem; /* instead of fd */
	uint64_t size;
	VEC(struct frame) frames;
	VEC(struct cursor *) cursors;
	struct hmap by_group;
	struct cursor *current;	   /* gave the last event; not in the heap */
	VEC(struct cursor *) heap; /* the others that have events left, a binary heap by key */
	uint64_t seq;		   /* last handed out */
	uint64_t sought;	   /* reading began behind this one */
	uint64_t limit;		   /* reader_only: the last one that is given; 0: all are */
	bool ended, tail_cut;
	bool threaded, stop; /* the other thread is there; it is to end */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	struct cursor *first, **last; /* cursors with a frame that the other thread is to unpack */
};

static int read_at(struct trace_reader *r, void *out, size_t n, uint64_t off)
{
	if (off > r->size || n > r->size - off)
		return -1;
	if (r->mem) {
		memcpy(out, r->mem + off, n);
		return 0;
	}
	return pread_full(r->fd, out, n, off) == (ssize_t)n ? 0 : -1;
}

/* Fuzzing must get past the checksums, which it would never guess. */
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
#define SUM_OK(a, b) ((void)(a), (void)(b), true)
#else
#define SUM_OK(a, b) ((a) == (b))
#endif

static bool head_ok(const struct frame_header *h)
{
	return h->magic == FRAME_MAGIC && h->raw && h->raw <= FRAME_RAW_MAX &&
	       h->packed <= FRAME_PACKED_MAX && h->first_seq && h->last_seq >= h->first_seq && h->count &&
	       h->count <= h->raw && SUM_OK(h->xxh64, XXH64(h, offsetof(struct frame_header, xxh64), 0));
}

static void add_frame(struct trace_reader *r, const struct frame_header *h, uint64_t off)
{
	struct cursor *c = hmap_get(&r->by_group, h->group);
	if (!c) {
		c = xcalloc(1, sizeof(*c));
		c->group = h->group;
		hmap_set(&r->by_group, h->group, c);
		*VEC_PUSH(&r->cursors) = c;
	}
	*VEC_PUSH(&c->frames) = (uint32_t)r->frames.n;
	*VEC_PUSH(&r->frames) = (struct frame){*h, off};
}

/* Find all frames. A frame that the end of the file cuts short is where the
 * recording was cut; a wrong header anywhere is damage. */
static int index_frames(struct trace_reader *r)
{
	uint64_t off = 0;
	while (off < r->size) {
		struct frame_header h;
		if (read_at(r, &h, sizeof(h), off)) {
			r->tail_cut = true;
			break;
		}
		if (!head_ok(&h))
			return err_set("the trace is damaged: bad frame header at offset %llu of events",
				       (unsigned long long)off);
		off += sizeof(h);
		if (h.packed > r->size - off) {
			r->tail_cut = true;
			break;
		}
		add_frame(r, &h, off);
		off += h.packed;
	}
	return 0;
}

/* Read, check and unpack a frame into *raw, which is made large enough. 0 or -1. */
static int unpack(struct trace_reader *r, const struct frame *f, uint8_t **raw)
{
	uint8_t *packed = xmalloc(f->head.packed);
	int rc = read_at(r, packed, f->head.packed, f->off);
	if (!rc && !SUM_OK(XXH64(packed, f->head.packed, 0), f->head.data_xxh64))
		rc = -1;
	if (!rc) {
		*raw = xrealloc(*raw, f->head.raw);
		if (ZSTD_decompress(*raw, f->head.raw, packed, f->head.packed) != f->head.raw)
			rc = -1;
	}
	free(packed);
	return rc;
}

/* With the lock held, as in the next one. */
static void want(struct trace_reader *r, struct cursor *c, uint32_t frame)
{
	c->ahead.frame = frame;
	c->ahead.state = AH_WANTED;
	if (!c->ahead.queued) {
		c->ahead.queued = true;
		c->ahead.next = NULL;
		*r->last = c;
		r->last = &c->ahead.next;
	}
	pthread_cond_signal(&r->work);
}

static struct cursor *wanted(struct trace_reader *r)
{
	struct cursor *c;
	while ((c = r->first)) {
		r->first = c->ahead.next;
		if (!r->first)
			r->last = &r->first;
		c->ahead.queued = false;
		if (c->ahead.state == AH_WANTED)
			return c;
	}
	return NULL;
}

static void *unpacking(void *arg)
{
	struct trace_reader *r = arg;
	pthread_mutex_lock(&r->lock);
	while (!r->stop) {
		struct cursor *c = wanted(r);
		if (!c) {
			pthread_cond_wait(&r->work, &r->lock);
			continue;
		}
		c->ahead.state = AH_BUSY;
		pthread_mutex_unlock(&r->lock);
		c->ahead.rc = unpack(r, &r->frames.at[c->ahead.frame], &c->ahead.raw);
		pthread_mutex_lock(&r->lock);
		c->ahead.state = AH_DONE;
		pthread_cond_signal(&r->done);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* Take frame `index` if it was unpacked ahead, and have the next one unpacked. 1: taken;
 * 0: not there; -1: it is damaged. */
static int take_ahead(struct trace_reader *r, struct cursor *c, uint32_t index)
{
	struct ahead *a = &c->ahead;
	int rc = 0;
	if (!r->threaded)
		return 0;
	pthread_mutex_lock(&r->lock);
	while (a->state == AH_BUSY || (a->state == AH_WANTED && a->frame == index))
		pthread_cond_wait(&r->done, &r->lock);
	if (a->state == AH_DONE && a->frame == index) {
		uint8_t *raw = c->place->raw;
		c->place->raw = a->raw;
		a->raw = raw;
		rc = a->rc ? -1 : 1;
	}
	a->state = AH_NOTHING;
	if (c->next_frame < c->frames.n)
		want(r, c, c->frames.at[c->next_frame]);
	pthread_mutex_unlock(&r->lock);
	return rc;
}

static int load_frame(struct trace_reader *r, struct cursor *c)
{
	uint32_t index = c->frames.at[c->next_frame++];
	const struct frame *f = &r->frames.at[index];
	if (!c->place)
		c->place = xcalloc(1, sizeof(*c->place));
	int rc = take_ahead(r, c, index);
	if (!rc)
		rc = unpack(r, f, &c->place->raw);
	if (rc < 0)
		return err_set("the trace is damaged: bad frame at offset %llu of events",
			       (unsigned long long)f->off);
	c->place->rd = rd_make(c->place->raw, f->head.raw);
	c->place->left = f->head.count;
	codec_reset(&c->place->codec);
	return 0;
}

/* The cursor's next event, of the frame that is unpacked. 0 or -1. */
static int decode(struct trace_reader *r, struct cursor *c)
{
	struct place *p = c->place;
	p->left--;
	if (event_decode(&p->rd, &p->codec, &p->ev))
		return err_add("the trace is damaged after event %llu", (unsigned long long)r->seq);
	p->ev.group = c->group;
	c->ready = true;
	c->key = p->ev.seq;
	return 0;
}

/* The first event of the frame that reading is to begin with or after: where it began in the middle of
 * one, those before are passed over. 0 or -1. */
static int decode_first(struct trace_reader *r, struct cursor *c)
{
	int rc;
	do
		rc = decode(r, c);
	while (!rc && c->key <= r->sought && c->place->left);
	return rc;
}

/* What a cursor takes while it is in the middle of its events. */
static void leave(struct cursor *c)
{
	if (c->place) {
		codec_reset(&c->place->codec);
		event_free(&c->place->ev);
		free(c->place->raw);
	}
	free(c->place);
	c->place = NULL;
	c->ready = false;
}

/* Go to the cursor's next event, without unpacking more. 1; 0: it was the last; -1. */
static int step(struct trace_reader *r, struct cursor *c)
{
	c->ready = false;
	if (c->place && c->place->left)
		return decode(r, c) ? -1 : 1;
	if (c->next_frame < c->frames.n) {
		c->key = r->frames.at[c->frames.at[c->next_frame]].head.first_seq;
		return 1;
	}
	leave(c);
	free(c->ahead.raw); /* the other thread has nothing to do for it */
	c->ahead.raw = NULL;
	return 0;
}

/* --- the heap of cursors: the next event is that of the first one --- */

static void sift_up(struct trace_reader *r, size_t i)
{
	struct cursor **h = r->heap.at, *c = h[i];
	for (; i && h[(i - 1) / 2]->key > c->key; i = (i - 1) / 2)
		h[i] = h[(i - 1) / 2];
	h[i] = c;
}

static void sift_down(struct trace_reader *r)
{
	struct cursor **h = r->heap.at, *c = h[0];
	size_t i = 0, n = r->heap.n;
	for (size_t k; (k = 2 * i + 1) < n; i = k) {
		if (k + 1 < n && h[k + 1]->key < h[k]->key)
			k++;
		if (h[k]->key >= c->key)
			break;
		h[i] = h[k];
	}
	h[i] = c;
}

static void push(struct trace_reader *r, struct cursor *c)
{
	*VEC_PUSH(&r->heap) = c;
	sift_up(r, r->heap.n - 1);
}

static struct cursor *pop(struct trace_reader *r)
{
	struct cursor *c = r->heap.at[0], *last = r->heap.at[--r->heap.n];
	if (r->heap.n) {
		r->heap.at[0] = last;
		sift_down(r);
	}
	return c;
}

/* Is the cursor's event the next one? That of a cursor in the heap is, if it is the heap's first. */
static bool is_next(const struct trace_reader *r, const struct cursor *c)
{
	if (!c->ready || c->key <= r->seq)
		return false;
	return r->limit ? !r->heap.n || r->heap.at[0]->key >= c->key : c->key == r->seq + 1;
}

/* Take the cursor that has the next event from the heap. NULL with *rc 0: there is none. */
static struct cursor *find(struct trace_reader *r, int *rc)
{
	uint64_t last = r->limit ? r->limit : r->seq + 1;
	*rc = 0;
	while (r->heap.n && r->heap.at[0]->key <= last) {
		struct cursor *c = r->heap.at[0];
		if (is_next(r, c))
			return pop(r);
		if (c->ready)
			*rc = err_set("the trace is damaged: event %llu is there twice",
				      (unsigned long long)c->key);
		else if (load_frame(r, c) || decode_first(r, c))
			*rc = -1;
		if (*rc)
			return NULL;
		sift_down(r);
	}
	return NULL;
}

int reader_next(struct trace_reader *r, struct event **ev)
{
	struct cursor *c = r->current;
	int rc = 0;
	if (r->ended)
		return 0;
	if (c && (rc = step(r, c)) < 0)
		return -1;
	if (!rc || !is_next(r, c) || (r->limit && c->key > r->limit)) {
		r->current = NULL;
		if (rc)
			push(r, c);
		r->current = find(r, &rc);
		if (!r->current)
			return rc;
	}
	r->seq = r->current->key;
	*ev = &r->current->place->ev;
	if ((*ev)->kind == EV_END)
		r->ended = true;
	return 1;
}

/* The first frame of the cursor that ends behind event `seq`. */
static size_t frame_behind(const struct trace_reader *r, const struct cursor *c, uint64_t seq)
{
	size_t lo = 0, hi = c->frames.n;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (r->frames.at[c->frames.at[mid]].head.last_seq <= seq)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void reader_seek(struct trace_reader *r, uint64_t seq)
{
	r->heap.n = 0;
	for (size_t i = 0; i < r->cursors.n; i++) {
		struct cursor *c = r->cursors.at[i];
		leave(c);
		c->next_frame = frame_behind(r, c, seq);
		if (c->left_out || c->next_frame == c->frames.n)
			continue;
		c->key = r->frames.at[c->frames.at[c->next_frame]].head.first_seq;
		push(r, c);
	}
	r->current = NULL;
	r->seq = r->sought = seq;
	r->ended = false;
}

void reader_only(struct trace_reader *r, const uint32_t *groups, size_t n, uint64_t last)
{
	for (size_t i = 0; i < r->cursors.n; i++)
		r->cursors.at[i]->left_out = true;
	for (size_t i = 0; i < n; i++) {
		struct cursor *c = hmap_get(&r->by_group, groups[i]);
		if (c)
			c->left_out = false;
	}
	r->limit = last;
}

bool reader_cut(const struct trace_reader *r)
{
	return !r->ended;
}

uint64_t reader_start(const struct trace_reader *r)
{
	uint64_t begin = UINT64_MAX;
	for (size_t i = 0; i < r->frames.n; i++)
		begin = r->frames.at[i].head.first_ns < begin ? r->frames.at[i].head.first_ns : begin;
	return r->frames.n ? begin : 0;
}

uint64_t reader_time(const struct trace_reader *r, uint64_t seq)
{
	uint64_t begin = reader_start(r), best = 0;
	for (size_t i = 0; i < r->frames.n; i++) {
		const struct frame_header *h = &r->frames.at[i].head;
		uint64_t ns = h->first_ns, end = h->last_ns > ns ? h->last_ns : ns;
		if (h->first_seq > seq)
			continue;
		if (seq >= h->last_seq)
			ns = end;
		else
			ns += (uint64_t)((double)(end - ns) * (double)(seq - h->first_seq) /
					 (double)(h->last_seq - h->first_seq));
		best = ns > best ? ns : best;
	}
	return best > begin ? best - begin : 0;
}

uint64_t reader_last_seq(const struct trace_reader *r)
{
	uint64_t last = 0;
	for (size_t i = 0; i < r->frames.n; i++) {
		if (r->frames.at[i].head.last_seq > last)
			last = r->frames.at[i].head.last_seq;
	}
	return last;
}

static int read_header(struct trace_reader *r)
{
	char *path = xasprintf("%s/header", r->dir);
	struct buf b = {0};
	struct trace_header h;
	int rc = file_slurp(path, &b, HEADER_JSON_MAX + sizeof(h));
	free(path);
	if (rc)
		return err_add("%s is not a trace", r->dir);
	if (b.len >= sizeof(h))
		memcpy(&h, b.data, sizeof(h));
	if (b.len < sizeof(h))
		rc = err_set("the trace is damaged: %s/header is cut short", r->dir);
	else if (memcmp(h.magic, TRACE_MAGIC, sizeof(h.magic)))
		rc = err_set("%s is not a trace (its header is of another kind)", r->dir);
	else if (h.xxh64 != XXH64(&h, offsetof(struct trace_header, xxh64), 0))
		rc = err_set("the trace is damaged: %s/header does not match its checksum", r->dir);
	else if (h.version != TRACE_VERSION)
		rc = err_set("the trace in %s has format version %u; this reprise reads version %u: "
			     "use the reprise that recorded it",
			     r->dir, h.version, TRACE_VERSION);
	else if (h.json_len != b.len - sizeof(h) || h.json_xxh64 != XXH64(b.data + sizeof(h), h.json_len, 0))
		rc = err_set("the trace is damaged: the description in %s/header does not match its "
			     "checksum",
			     r->dir);
	if (!rc) {
		r->json = xmalloc(h.json_len + 1);
		memcpy(r->json, b.data + sizeof(h), h.json_len);
		r->json[h.json_len] = 0;
	}
	buf_free(&b);
	return rc;
}

struct trace_reader *reader_open(const char *dir)
{
	struct trace_reader *r = xcalloc(1, sizeof(*r));
	struct stat st;
	r->fd = -1;
	r->dir = xstrdup(dir);
	char *path = xasprintf("%s/events", dir);
	int rc = 0;
	if (stat(dir, &st))
		rc = err_sys(errno, "no trace at %s", dir);
	else if (!S_ISDIR(st.st_mode))
		rc = err_set("%s is not a trace: a trace is a directory", dir);
	if (!rc)
		rc = read_header(r);
	if (!rc && (r->fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		rc = err_sys(errno, "the trace is damaged: cannot open %s", path);
	if (!rc && fstat(r->fd, &st))
		rc = err_sys(errno, "cannot read %s", path);
	free(path);
	if (!rc) {
		r->size = (uint64_t)st.st_size;
		rc = index_frames(r);
	}
	if (rc) {
		reader_close(r);
		return NULL;
	}
	reader_seek(r, 0);
	/* Without the other thread it is only slower; for a few frames it is not worth it. */
	if (r->frames.n > 4) {
		pthread_mutex_init(&r->lock, NULL);
		pthread_cond_init(&r->work, NULL);
		pthread_cond_init(&r->done, NULL);
		r->last = &r->first;
		r->threaded = !pthread_create(&r->thread, NULL, unpacking, r);
	}
	return r;
}

struct trace_reader *reader_over(const void *events, size_t len)
{
	struct trace_reader *r = xcalloc(1, sizeof(*r));
	r->fd = -1;
	r->mem = events;
	r->size = len;
	if (!index_frames(r)) {
		reader_seek(r, 0);
		return r;
	}
	reader_close(r);
	return NULL;
}

const char *reader_json(const struct trace_reader *r)
{
	return r->json;
}

const char *reader_dir(const struct trace_reader *r)
{
	return r->dir;
}

static void end_thread(struct trace_reader *r)
{
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_signal(&r->work);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
}

void reader_close(struct trace_reader *r)
{
	if (r->threaded)
		end_thread(r);
	for (size_t i = 0; i < r->cursors.n; i++) {
		struct cursor *c = r->cursors.at[i];
		leave(c);
		VEC_FREE(&c->frames);
		free(c->ahead.raw);
		free(c);
	}
	VEC_FREE(&r->cursors);
	VEC_FREE(&r->heap);
	VEC_FREE(&r->frames);
	hmap_free(&r->by_group);
	if (r->fd >= 0)
		close(r->fd);
	free(r->dir);
	free(r->json);
	free(r);
}

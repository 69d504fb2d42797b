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
	uint32_t frame;
	uint8_t *raw;
	int rc;
};

/* Where reading is in one group's events. */
struct cursor {
	struct ahead ahead;
	uint32_t group;
	VEC(uint32_t) frames; /* indexes, in order */
	size_t next_frame;
	uint8_t *raw;
	struct rd rd;
	uint32_t left; /* events left in the current frame */
	struct ev_codec codec;
	struct event ev;
	bool ready; /* `ev` is decoded and not handed out yet */
};

struct trace_reader {
	char *dir, *json;
	int fd;
	const uint8_t *mem; /* instead of fd */
	uint64_t size;
	VEC(struct frame) frames;
	VEC(struct cursor *) cursors;
	struct hmap by_group;
	struct cursor *current;
	uint64_t seq; /* last handed out */
	bool ended, tail_cut;
	bool threaded, stop; /* the other thread is there; it is to end */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work, done;
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

static struct cursor *wanted(struct trace_reader *r)
{
	for (size_t i = 0; i < r->cursors.n; i++) {
		if (r->cursors.at[i]->ahead.state == AH_WANTED)
			return r->cursors.at[i];
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
		uint8_t *raw = c->raw;
		c->raw = a->raw;
		a->raw = raw;
		rc = a->rc ? -1 : 1;
	}
	a->state = AH_NOTHING;
	if (c->next_frame < c->frames.n) {
		a->frame = c->frames.at[c->next_frame];
		a->state = AH_WANTED;
		pthread_cond_signal(&r->work);
	}
	pthread_mutex_unlock(&r->lock);
	return rc;
}

static int load_frame(struct trace_reader *r, struct cursor *c)
{
	uint32_t index = c->frames.at[c->next_frame++];
	const struct frame *f = &r->frames.at[index];
	int rc = take_ahead(r, c, index);
	if (!rc)
		rc = unpack(r, f, &c->raw);
	if (rc < 0)
		return err_set("the trace is damaged: bad frame at offset %llu of events",
			       (unsigned long long)f->off);
	c->rd = rd_make(c->raw, f->head.raw);
	c->left = f->head.count;
	codec_reset(&c->codec);
	return 0;
}

/* Decode the cursor's next event, if the frame that may hold `want` is reached. */
static int advance(struct trace_reader *r, struct cursor *c, uint64_t want)
{
	if (c->ready)
		return 0;
	if (!c->left) {
		if (c->next_frame >= c->frames.n ||
		    r->frames.at[c->frames.at[c->next_frame]].head.first_seq > want)
			return 0;
		if (load_frame(r, c))
			return -1;
	}
	c->left--;
	if (event_decode(&c->rd, &c->codec, &c->ev))
		return err_add("the trace is damaged after event %llu", (unsigned long long)r->seq);
	c->ev.group = c->group;
	c->ready = true;
	return 0;
}

int reader_next(struct trace_reader *r, struct event **ev)
{
	uint64_t want = r->seq + 1;
	if (r->ended)
		return 0;
	if (r->current && advance(r, r->current, want))
		return -1;
	if (!r->current || !r->current->ready || r->current->ev.seq != want) {
		r->current = NULL;
		for (size_t i = 0; i < r->cursors.n && !r->current; i++) {
			struct cursor *c = r->cursors.at[i];
			if (advance(r, c, want))
				return -1;
			if (c->ready && c->ev.seq == want)
				r->current = c;
			else if (c->ready && c->ev.seq < want)
				return err_set("the trace is damaged: event %llu is there twice",
					       (unsigned long long)c->ev.seq);
		}
	}
	if (!r->current)
		return 0;
	r->current->ready = false;
	r->seq = want;
	*ev = &r->current->ev;
	if ((*ev)->kind == EV_END)
		r->ended = true;
	return 1;
}

static void cursor_reset(struct cursor *c)
{
	c->next_frame = 0;
	c->left = 0;
	c->ready = false;
	codec_reset(&c->codec);
}

void reader_rewind(struct trace_reader *r)
{
	for (size_t i = 0; i < r->cursors.n; i++)
		cursor_reset(r->cursors.at[i]);
	r->current = NULL;
	r->seq = 0;
	r->ended = false;
}

bool reader_cut(const struct trace_reader *r)
{
	return !r->ended;
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
	/* Without the other thread it is only slower; for a few frames it is not worth it. */
	if (r->frames.n > 4) {
		pthread_mutex_init(&r->lock, NULL);
		pthread_cond_init(&r->work, NULL);
		pthread_cond_init(&r->done, NULL);
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
	if (!index_frames(r))
		return r;
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
		codec_reset(&c->codec);
		event_free(&c->ev);
		VEC_FREE(&c->frames);
		free(c->raw);
		free(c->ahead.raw);
		free(c);
	}
	VEC_FREE(&r->cursors);
	VEC_FREE(&r->frames);
	hmap_free(&r->by_group);
	if (r->fd >= 0)
		close(r->fd);
	free(r->dir);
	free(r->json);
	free(r);
}

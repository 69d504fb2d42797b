#include "trace/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

#include "base/err.h"
#include "base/file.h"
#include "trace/format.h"
#include "trace/store.h"

#define FRAME_TARGET (256u << 10) /* raw bytes at which a frame is closed */
#define BACKLOG_MAX (128u << 20)  /* raw bytes waiting for the thread */

/* Events of one group not handed over yet. */
struct stream {
	uint32_t group;
	struct buf raw;
	struct ev_codec codec;
	uint64_t first, last;
	uint32_t count;
};

struct job {
	struct job *next;
	struct frame_header head;
	struct buf raw;
};

struct trace_writer {
	char *dir;
	int fd;
	uint64_t seq;
	struct hmap streams;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work, room;
	struct job *first, **last;
	size_t backlog;
	bool stop;
	int error; /* errno of the first failure */
};

/* Recording waits for us when too much waits here: compress faster, and less well, the
 * more that is (as zstd --adapt does). */
static int level_for(size_t backlog)
{
	return backlog < 8u << 20 ? 1 : backlog < 32u << 20 ? -3 : -8;
}

static int write_frame(struct trace_writer *w, struct job *j, ZSTD_CCtx *z, struct buf *out, int level)
{
	out->len = 0;
	uint8_t *p = buf_room(out, sizeof(j->head) + ZSTD_compressBound(j->raw.len));
	size_t n = ZSTD_compressCCtx(z, p + sizeof(j->head), out->len - sizeof(j->head), j->raw.data,
				     j->raw.len, level);
	if (ZSTD_isError(n))
		return -ENOMEM;
	j->head.packed = (uint32_t)n;
	j->head.data_xxh64 = XXH64(p + sizeof(j->head), n, 0);
	j->head.xxh64 = XXH64(&j->head, offsetof(struct frame_header, xxh64), 0);
	memcpy(p, &j->head, sizeof(j->head));
	return write_full(w->fd, p, sizeof(j->head) + n);
}

static void *writing(void *arg)
{
	struct trace_writer *w = arg;
	ZSTD_CCtx *z = ZSTD_createCCtx();
	struct buf out = {0};
	pthread_mutex_lock(&w->lock);
	for (;;) {
		struct job *j = w->first;
		if (!j && w->stop)
			break;
		if (!j) {
			pthread_cond_wait(&w->work, &w->lock);
			continue;
		}
		w->first = j->next;
		if (!w->first)
			w->last = &w->first;
		bool dead = w->error;
		int level = level_for(w->backlog);
		pthread_mutex_unlock(&w->lock);
		int rc = dead ? 0 : write_frame(w, j, z, &out, level);
		size_t size = j->raw.len;
		buf_free(&j->raw);
		free(j);
		pthread_mutex_lock(&w->lock);
		w->backlog -= size;
		if (rc && !w->error)
			w->error = -rc;
		pthread_cond_signal(&w->room);
	}
	pthread_mutex_unlock(&w->lock);
	buf_free(&out);
	ZSTD_freeCCtx(z);
	return NULL;
}

static int write_header(const char *dir, const char *json)
{
	struct trace_header h = {.version = TRACE_VERSION, .json_len = (uint32_t)strlen(json)};
	memcpy(h.magic, TRACE_MAGIC, sizeof(h.magic));
	h.json_xxh64 = XXH64(json, h.json_len, 0);
	h.xxh64 = XXH64(&h, offsetof(struct trace_header, xxh64), 0);
	char *path = xasprintf("%s/header", dir);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666), rc = fd < 0 ? -errno : 0;
	if (!rc)
		rc = write_full(fd, &h, sizeof(h));
	if (!rc)
		rc = write_full(fd, json, h.json_len);
	if (fd >= 0)
		close(fd);
	if (rc)
		err_sys(-rc, "cannot write %s", path);
	free(path);
	return rc ? -1 : 0;
}

struct trace_writer *writer_open(const char *dir, const char *json)
{
	struct trace_writer *w = xcalloc(1, sizeof(*w));
	w->dir = xstrdup(dir);
	w->last = &w->first;
	char *path = xasprintf("%s/events", dir);
	w->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_APPEND, 0666);
	if (w->fd < 0 || write_header(dir, json) || store_init(dir)) {
		if (w->fd < 0)
			err_sys(errno, "cannot write %s", path);
		free(path);
		free(w->dir);
		free(w);
		return NULL;
	}
	free(path);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->work, NULL);
	pthread_cond_init(&w->room, NULL);
	int rc = pthread_create(&w->thread, NULL, writing, w);
	if (rc) {
		err_sys(rc, "cannot start the writing thread");
		return NULL;
	}
	return w;
}

static void hand_over(struct trace_writer *w, struct stream *s)
{
	if (!s->count)
		return;
	struct job *j = xcalloc(1, sizeof(*j));
	j->head = (struct frame_header){
		.magic = FRAME_MAGIC,
		.group = s->group,
		.first_seq = s->first,
		.last_seq = s->last,
		.count = s->count,
		.raw = (uint32_t)s->raw.len,
	};
	j->raw = s->raw;
	s->raw = (struct buf){0};
	s->count = 0;
	codec_reset(&s->codec);
	pthread_mutex_lock(&w->lock);
	while (w->backlog > BACKLOG_MAX)
		pthread_cond_wait(&w->room, &w->lock);
	w->backlog += j->raw.len;
	*w->last = j;
	w->last = &j->next;
	pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
}

void writer_put(struct trace_writer *w, struct event *ev)
{
	struct stream *s = hmap_get(&w->streams, ev->group);
	if (!s) {
		s = xcalloc(1, sizeof(*s));
		s->group = ev->group;
		hmap_set(&w->streams, ev->group, s);
	}
	ev->seq = ++w->seq;
	if (!s->count)
		s->first = ev->seq;
	s->last = ev->seq;
	s->count++;
	if (!s->raw.cap) {
		buf_room(&s->raw, FRAME_TARGET + (FRAME_TARGET >> 2)); /* no growing in steps */
		s->raw.len = 0;
	}
	event_encode(&s->raw, &s->codec, ev);
	if (s->raw.len >= FRAME_TARGET)
		hand_over(w, s);
}

void writer_flush(struct trace_writer *w)
{
	size_t i = 0;
	struct stream *s;
	while ((s = hmap_next(&w->streams, &i)))
		hand_over(w, s);
}

int writer_check(struct trace_writer *w)
{
	pthread_mutex_lock(&w->lock);
	int e = w->error;
	pthread_mutex_unlock(&w->lock);
	return e ? err_sys(e, "cannot write the trace in %s", w->dir) : 0;
}

int writer_close(struct trace_writer *w)
{
	writer_flush(w);
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	int rc = writer_check(w);
	if (close(w->fd) && !rc)
		rc = err_sys(errno, "cannot write the trace in %s", w->dir);
	size_t i = 0;
	struct stream *s;
	while ((s = hmap_next(&w->streams, &i))) {
		codec_reset(&s->codec);
		buf_free(&s->raw);
		free(s);
	}
	hmap_free(&w->streams);
	free(w->dir);
	free(w);
	return rc;
}

uint64_t writer_events(const struct trace_writer *w)
{
	return w->seq;
}

int writer_store_fd(struct trace_writer *w, int fd, uint64_t size, char hash[36])
{
	return store_add_fd(w->dir, fd, size, hash);
}

int writer_store_bytes(struct trace_writer *w, const void *data, size_t len, char hash[36])
{
	return store_add_bytes(w->dir, data, len, hash);
}

#include "trace/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/err.h"
#include "base/file.h"
#include "trace/format.h"
#include "trace/packer.h"
#include "trace/sharedfiles.h"
#include "trace/store.h"

#define HUGE_FILE (4ull << 30) /* bytes; from then on reading a file twice takes too long */

/* Events of one group not handed over yet. */
struct stream {
	uint32_t group;
	struct buf raw;
	struct ev_codec codec;
	uint64_t first, last;
	uint32_t count;
	uint64_t first_ns;
};

struct trace_writer {
	char *dir, *shared; /* shared: the folder of files of all traces, or NULL */
	uint64_t seq;
	struct hmap streams;
	struct packer *packer;
};

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
	char *path = xasprintf("%s/events", dir);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_APPEND, 0666);
	struct packer *p = NULL;
	if (fd < 0)
		err_sys(errno, "cannot write %s", path);
	else if (!write_header(dir, json) && !store_init(dir))
		p = packer_open(fd);
	free(path);
	if (!p) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	struct trace_writer *w = xcalloc(1, sizeof(*w));
	w->dir = xstrdup(dir);
	w->packer = p;
	return w;
}

/* To some milliseconds: the precise clock traps in a recorder's thread (task/tsc.h). */
static uint64_t now_ns(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME_COARSE, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void hand_over(struct trace_writer *w, struct stream *s)
{
	if (!s->count)
		return;
	struct frame_header head = {
		.magic = FRAME_MAGIC,
		.group = s->group,
		.first_seq = s->first,
		.last_seq = s->last,
		.count = s->count,
		.raw = (uint32_t)s->raw.len,
		.first_ns = s->first_ns,
		.last_ns = now_ns(),
	};
	packer_put(w->packer, &head, &s->raw);
	s->count = 0;
	codec_reset(&s->codec);
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
	if (!s->count) {
		s->first = ev->seq;
		s->first_ns = now_ns();
	}
	s->last = ev->seq;
	s->count++;
	packer_room(w->packer, &s->raw);
	event_encode(&s->raw, &s->codec, ev);
	if (s->raw.len >= FRAME_TARGET)
		hand_over(w, s);
}

/* The streams are gone afterwards: most groups of a long recording are over, and frames stand
 * alone. */
void writer_flush(struct trace_writer *w)
{
	size_t i = 0;
	struct stream *s;
	while ((s = hmap_next(&w->streams, &i))) {
		hand_over(w, s);
		codec_reset(&s->codec);
		buf_free(&s->raw);
		free(s);
	}
	hmap_free(&w->streams);
}

static int report(const struct trace_writer *w, int e)
{
	return e ? err_sys(e, "cannot write the trace in %s", w->dir) : 0;
}

int writer_check(struct trace_writer *w)
{
	return report(w, packer_error(w->packer));
}

int writer_close(struct trace_writer *w)
{
	writer_flush(w);
	int rc = report(w, packer_close(w->packer));
	free(w->dir);
	free(w->shared);
	free(w);
	return rc;
}

uint64_t writer_events(const struct trace_writer *w)
{
	return w->seq;
}

void writer_share(struct trace_writer *w, const char *base)
{
	w->shared = shared_open(base);
}

/* Keep what `fd` holds. What others have already is not written: that costs reading it twice where
 * they have not. `as_is`: nobody will change the file, so the trace may have a link to it. */
static int keep(struct trace_writer *w, int fd, uint64_t size, bool as_is, char hash[36])
{
	if (w->shared && size < HUGE_FILE && !store_hash(fd, size, hash)) {
		if (store_has(w->dir, hash) || shared_link(w->shared, w->dir, hash))
			return 0;
		if (as_is && store_link(w->dir, fd, hash)) {
			shared_offer(w->shared, w->dir, hash);
			return 0;
		}
	}
	if (store_add_fd(w->dir, fd, size, hash))
		return -1;
	if (w->shared)
		shared_offer(w->shared, w->dir, hash);
	return 0;
}

int writer_store_fd(struct trace_writer *w, int fd, const struct stat *st, char hash[36])
{
	char alias[ALIAS_SIZE], after[ALIAS_SIZE];
	struct stat now;
	shared_identity(st, alias);
	if (writer_store_known(w, alias, hash))
		return 0;
	bool steady = w->shared && shared_steady(fd, st);
	if (keep(w, fd, (uint64_t)st->st_size, false, hash))
		return -1;
	if (!steady || fstat(fd, &now))
		return 0;
	shared_identity(&now, after);
	if (!strcmp(alias, after))
		shared_name(w->shared, alias, hash);
	return 0;
}

int writer_store_image(struct trace_writer *w, int fd, uint64_t size, const char *alias, char hash[36])
{
	if (keep(w, fd, size, true, hash))
		return -1;
	if (w->shared)
		shared_name(w->shared, alias, hash);
	return 0;
}

bool writer_store_known(struct trace_writer *w, const char *alias, char hash[36])
{
	return w->shared && shared_find(w->shared, alias, hash) &&
	       (store_has(w->dir, hash) || shared_link(w->shared, w->dir, hash));
}

void writer_store_drop(struct trace_writer *w, const char *hash)
{
	store_drop(w->dir, hash);
	if (w->shared)
		shared_drop(w->shared, hash);
}

int writer_store_bytes(struct trace_writer *w, const void *data, size_t len, char hash[36])
{
	return store_add_bytes(w->dir, data, len, hash);
}

#include "trace/packer.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

#define BACKLOG_MAX (128u << 20)		  /* raw bytes waiting for the threads */
#define ROOM (FRAME_TARGET + (FRAME_TARGET >> 2)) /* no growing in steps */
#define SPARES 32
#define THREADS 4

struct job {
	struct job *next;
	struct frame_header head;
	struct buf raw;
};

struct packer {
	int fd;
	pthread_t thread[THREADS];
	unsigned nthreads;
	pthread_mutex_t lock;
	pthread_cond_t work, room, turn;
	struct job *first, **last;
	size_t backlog;
	uint64_t taken, written; /* frames: their order in the file is that of taking */
	struct buf spare[SPARES];
	unsigned nspares;
	bool stop;
	int error; /* errno of the first failure */
};

/* Recording waits for us when too much waits here: compress faster, and less well, the
 * more that is (as zstd --adapt does). */
static int level_for(size_t backlog)
{
	return backlog < 8u << 20 ? 1 : backlog < 32u << 20 ? -3 : -8;
}

static int pack(struct job *j, ZSTD_CCtx *z, struct buf *out, int level)
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
	out->len = sizeof(j->head) + n;
	return 0;
}

/* With the lock held; the buffer is used again, whose pages are there already. */
static void put_spare(struct packer *p, struct buf *raw)
{
	if (p->nspares < SPARES && raw->cap >= ROOM && raw->cap <= 2 * ROOM)
		p->spare[p->nspares++] = *raw;
	else
		buf_free(raw);
}

/* With the lock held. */
static void done_with(struct packer *p, struct job *j)
{
	p->backlog -= j->raw.len;
	put_spare(p, &j->raw);
	free(j);
	pthread_cond_signal(&p->room);
}

/* With the lock held, as at its return. */
static void handle(struct packer *p, struct job *j, ZSTD_CCtx *z, struct buf *out)
{
	uint64_t mine = p->taken++;
	bool dead = p->error;
	int level = level_for(p->backlog);
	pthread_mutex_unlock(&p->lock);
	int rc = dead ? 0 : pack(j, z, out, level);
	pthread_mutex_lock(&p->lock);
	while (p->written != mine)
		pthread_cond_wait(&p->turn, &p->lock);
	/* After a failure nothing more: a file with a hole would be worse than a short one. */
	dead = dead || p->error;
	pthread_mutex_unlock(&p->lock);
	if (!dead && !rc)
		rc = write_full(p->fd, out->data, out->len);
	pthread_mutex_lock(&p->lock);
	if (rc && !p->error)
		p->error = -rc;
	p->written++;
	pthread_cond_broadcast(&p->turn);
	done_with(p, j);
}

static void *packing(void *arg)
{
	struct packer *p = arg;
	ZSTD_CCtx *z = ZSTD_createCCtx();
	struct buf out = {0};
	pthread_mutex_lock(&p->lock);
	while (p->first || !p->stop) {
		struct job *j = p->first;
		if (!j) {
			pthread_cond_wait(&p->work, &p->lock);
			continue;
		}
		p->first = j->next;
		if (!p->first)
			p->last = &p->first;
		handle(p, j, z, &out);
	}
	pthread_mutex_unlock(&p->lock);
	buf_free(&out);
	ZSTD_freeCCtx(z);
	return NULL;
}

/* The tasks have one CPU, the threads the others. */
static unsigned wanted_threads(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) ? 1 : CPU_COUNT(&set) - 1;
	return n < 1 ? 1 : n > THREADS ? THREADS : (unsigned)n;
}

struct packer *packer_open(int fd)
{
	struct packer *p = xcalloc(1, sizeof(*p));
	p->fd = fd;
	p->last = &p->first;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->room, NULL);
	pthread_cond_init(&p->turn, NULL);
	for (unsigned n = wanted_threads(); p->nthreads < n; p->nthreads++) {
		int rc = pthread_create(&p->thread[p->nthreads], NULL, packing, p);
		if (rc && !p->nthreads) {
			err_sys(rc, "cannot start the thread that writes the trace");
			free(p);
			return NULL;
		}
		if (rc)
			break;
	}
	return p;
}

void packer_room(struct packer *p, struct buf *raw)
{
	if (raw->cap)
		return;
	pthread_mutex_lock(&p->lock);
	if (p->nspares)
		*raw = p->spare[--p->nspares];
	pthread_mutex_unlock(&p->lock);
	if (!raw->cap)
		buf_room(raw, ROOM);
	raw->len = 0;
}

void packer_put(struct packer *p, const struct frame_header *head, struct buf *raw)
{
	struct job *j = xcalloc(1, sizeof(*j));
	j->head = *head;
	/* Of many short frames only the bytes wait. */
	bool copied = raw->len < raw->cap / 4;
	if (copied)
		buf_put(&j->raw, raw->data, raw->len);
	else
		j->raw = *raw;
	pthread_mutex_lock(&p->lock);
	if (copied)
		put_spare(p, raw);
	*raw = (struct buf){0};
	while (p->backlog > BACKLOG_MAX)
		pthread_cond_wait(&p->room, &p->lock);
	p->backlog += j->raw.len;
	*p->last = j;
	p->last = &j->next;
	pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->lock);
}

int packer_error(struct packer *p)
{
	pthread_mutex_lock(&p->lock);
	int e = p->error;
	pthread_mutex_unlock(&p->lock);
	return e;
}

int packer_close(struct packer *p)
{
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	packing(p);
	for (unsigned i = 0; i < p->nthreads; i++)
		pthread_join(p->thread[i], NULL);
	int e = p->error;
	if (close(p->fd) && !e)
		e = errno;
	while (p->nspares)
		buf_free(&p->spare[--p->nspares]);
	free(p);
	return e;
}

/* What an event does to memory: mappings, and what is written to them. */
#include "replay/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/err.h"
#include "layout.h"
#include "trace/store.h"

#define PAGE 4096ull
#define ADDR_END (1ull << 47)

/* --- files and objects that tasks map --- */

/* Open until FD_CACHE others have been opened, which a batch of calls does not. */
int play_file(struct replay *s, const char *hash)
{
	uint64_t key = XXH64(hash, strlen(hash), 0);
	int fd = fd_cache_get(&s->files, key);
	if (fd >= 0)
		return fd;
	fd = store_open(s->dir, hash, !hmap_get(&s->checked, key));
	if (fd >= 0) {
		fd_cache_put(&s->files, key, fd);
		hmap_set(&s->checked, key, s);
	}
	return fd;
}

static int object_fd(struct replay *s, uint64_t id)
{
	struct pobj *o = hmap_get(&s->objects, id);
	if (o)
		return o->fd;
	int fd = memfd_create("reprise-object", MFD_CLOEXEC);
	if (fd < 0)
		return err_sys(errno, "cannot make shared memory");
	o = xcalloc(1, sizeof(*o));
	o->fd = fd;
	hmap_set(&s->objects, id, o);
	return fd;
}

static void forget_object(struct replay *s, uint64_t id)
{
	struct pobj *o = hmap_del(&s->objects, id);
	if (o)
		close(o->fd);
	free(o);
}

void play_free_objects(struct replay *s)
{
	size_t i = 0;
	struct pobj *o;
	while ((o = hmap_next(&s->objects, &i))) {
		if (o->fd >= 0)
			close(o->fd);
		free(o);
	}
	hmap_free(&s->objects);
}

static int64_t call1(struct ptask *t, struct remote_call c)
{
	int rc = remote_batch(t->pid, &c, 1, REMOTE_REPLAY);
	return rc ? rc : c.result;
}

static bool range_ok(uint64_t start, uint64_t end)
{
	return start < end && end <= ADDR_END && !(start & (PAGE - 1)) && !(end & (PAGE - 1)) &&
	       (end <= RUNTIME_BASE || start >= RUNTIME_END);
}

/* Mappings to be made, gathered so that one stop makes many: a batch of calls, and the
 * paths that they open, which go to the end of the runtime's stack that nobody uses. */
#define PATHS_AT (RUNTIME_STACK_TOP - 0x2000)
#define PATH_SIZE 40

struct mapper {
	struct remote_call calls[RUNTIME_BATCH_MAX];
	char paths[RUNTIME_BATCH_MAX / 3][PATH_SIZE];
	const struct mapping *maps[RUNTIME_BATCH_MAX];
	unsigned at[RUNTIME_BATCH_MAX]; /* number of each mapping's mmap call */
	unsigned ncalls, npaths, nmaps;
};

/* The calls that open descriptor `fd` of ours in the task; its number there stands in
 * the batch as a result. */
static uint64_t add_open(struct mapper *b, int fd, int flags)
{
	static pid_t self;
	if (!self)
		self = getpid();
	snprintf(b->paths[b->npaths], PATH_SIZE, "/proc/%d/fd/%d", self, fd);
	b->calls[b->ncalls] = (struct remote_call){
		SYS_openat,
		{(uint64_t)AT_FDCWD, PATHS_AT + PATH_SIZE * b->npaths, (uint64_t)flags | O_CLOEXEC},
		0};
	b->npaths++;
	return RUNTIME_RESULT + b->ncalls++;
}

static int add_map(struct replay *s, struct mapper *b, const struct mapping *m)
{
	const struct kernel_mapping *k = &m->recorded;
	uint64_t flags = MAP_FIXED | MAP_NORESERVE | (k->flags & MAPF_GROWSDOWN ? MAP_GROWSDOWN : 0),
		 fd = (uint64_t)-1;
	bool file = m->source == SRC_FILE, object = m->source == SRC_OBJECT;
	uint64_t offset = file ? m->content : k->offset;
	if (!range_ok(k->start, k->end) || offset & (PAGE - 1))
		return err_set("the trace is damaged: a mapping at 0x%llx", (unsigned long long)k->start);
	if (file || object) {
		int own = object ? object_fd(s, m->object) : play_file(s, m->hash);
		if (own < 0)
			return -1;
		fd = add_open(b, own, object ? O_RDWR : O_RDONLY);
	}
	flags |= object && k->flags & MAPF_SHARED ? MAP_SHARED
		 : file || object		  ? MAP_PRIVATE
						  : MAP_PRIVATE | MAP_ANONYMOUS;
	b->maps[b->nmaps] = m;
	b->at[b->nmaps++] = b->ncalls;
	b->calls[b->ncalls++] =
		(struct remote_call){SYS_mmap, {k->start, k->end - k->start, k->prot, flags, fd, offset}, 0};
	if (file || object)
		b->calls[b->ncalls++] = (struct remote_call){SYS_close, {fd}, 0};
	return 0;
}

/* Free the images that no address space has. */
static void sweep_images(struct replay *s)
{
	VEC(struct pimage *) gone = {0};
	size_t i = 0, j = 0;
	struct ptask *t;
	struct pimage *im;
	while ((im = hmap_next(&s->images, &j)))
		im->placed = false;
	while ((t = hmap_next(&s->tasks, &i))) {
		for (size_t k = 0; k < t->mm->images.n; k++)
			((struct pimage *)t->mm->images.at[k].im)->placed = true;
	}
	for (j = 0; (im = hmap_next(&s->images, &j));) {
		if (!im->placed)
			*VEC_PUSH(&gone) = im;
	}
	for (i = 0; i < gone.n; i++) {
		hmap_del(&s->images, gone.at[i]->key);
		image_free(&gone.at[i]->im);
		free(gone.at[i]);
	}
	VEC_FREE(&gone);
	s->images_swept = s->images.n;
}

static struct pimage *find_image(struct replay *s, const char *hash)
{
	uint64_t key = XXH64(hash, strlen(hash), 0);
	struct pimage *im = hmap_get(&s->images, key);
	if (im)
		return im;
	if (!s->checkpoints && s->images.n > 2 * s->images_swept + 64)
		sweep_images(s);
	im = xcalloc(1, sizeof(*im));
	im->key = key;
	if (image_load(&im->im, play_file(s, hash), false)) {
		free(im);
		return NULL;
	}
	hmap_set(&s->images, key, im);
	return im;
}

/* Stubs come to be: from now on addresses are translated. */
static int place_image(struct replay *s, struct ptask *t, const struct mapping *m)
{
	struct pimage *im = find_image(s, m->hash);
	if (!im)
		return -1;
	struct placed *p = VEC_PUSH(&t->mm->images);
	*p = (struct placed){&im->im, m->recorded.start - (uint64_t)im->im.head.distance, m->recorded.start};
	return 0;
}

static void displace_images(struct pmm *mm, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < mm->images.n; i++) {
		if (mm->images.at[i].area >= start && mm->images.at[i].area < end)
			mm->images.at[i--] = mm->images.at[--mm->images.n];
	}
}

static int mapped(struct replay *s, struct ptask *t, const struct mapping *m, int64_t result)
{
	if (result != (int64_t)m->recorded.start)
		return err_sys((int)-result, "task %d: cannot map 0x%llx-0x%llx", t->tid,
			       (unsigned long long)m->recorded.start, (unsigned long long)m->recorded.end);
	struct mapping now = *m;
	now.replayed = m->recorded;
	if (m->source == SRC_FILE)
		snprintf(now.replayed.name, sizeof(now.replayed.name), "%s/files/%s", s->dir, m->hash);
	space_map(&t->mm->space, &now);
	return m->recorded.flags & MAPF_AREA ? place_image(s, t, m) : 0;
}

static int flush_maps(struct replay *s, struct ptask *t, struct mapper *b)
{
	if (!b->nmaps)
		return 0;
	int rc = b->npaths ? mem_write(t->pid, PATHS_AT, b->paths, PATH_SIZE * b->npaths) : 0;
	if (!rc)
		rc = remote_batch(t->pid, b->calls, b->ncalls, REMOTE_REPLAY);
	if (rc)
		return err_sys(-rc, "lost task %d", t->tid);
	for (unsigned i = 0; i < b->nmaps; i++) {
		if (mapped(s, t, b->maps[i], b->calls[b->at[i]].result))
			return -1;
	}
	b->ncalls = b->npaths = b->nmaps = 0;
	return 0;
}

static int simple(struct ptask *t, const char *what, struct remote_call c)
{
	int64_t r = call1(t, c);
	return r < 0 && r > -4096 ? err_sys((int)-r, "task %d: cannot repeat %s", t->tid, what) : 0;
}

static int move_one(struct ptask *t, uint64_t from, uint64_t len, uint64_t to, uint64_t new_len,
		    uint64_t flags)
{
	struct remote_call c = {SYS_mremap, {from, len, new_len, flags, to}, 0};
	int64_t r = call1(t, c);
	return r == (int64_t)to ? 0 : r < 0 && r > -4096 ? (int)r : -ENOMEM;
}

/* What was one mapping when recorded can be several here: each mapping of a file was opened for
 * itself, and the kernel does not merge those. Move one after the other; the last one grows. */
static int move_pieces(struct ptask *t, const struct ev_op *op, uint64_t flags)
{
	struct space now = {0};
	uint64_t end = op->a + (op->d < op->b ? op->d : op->b), next;
	if (maps_read(t->pid, &now))
		return -EIO;
	int rc = end < op->a + op->b
			 ? (int)call1(t, (struct remote_call){SYS_munmap, {end, op->a + op->b - end}, 0})
			 : 0;
	for (uint64_t at = op->a; at < end && !rc; at = next) {
		const struct mapping *m = space_find(&now, at);
		next = m && m->recorded.end < end ? m->recorded.end : end;
		uint64_t grow = next == end && op->d > op->b ? op->d - op->b : 0;
		if (op->a != op->c || grow)
			rc = move_one(t, at, next - at, op->c + (at - op->a), next - at + grow, flags);
	}
	space_clear(&now);
	return rc;
}

static int op_move(struct ptask *t, const struct ev_op *op)
{
	uint64_t flags = op->e & 4 /* MREMAP_DONTUNMAP */;
	if (!range_ok(op->a, op->a + (op->b ? op->b : PAGE)) || !range_ok(op->c, op->c + op->d))
		return err_set("the trace is damaged: mremap of 0x%llx", (unsigned long long)op->a);
	if (op->a != op->c)
		flags |= MREMAP_MAYMOVE | MREMAP_FIXED;
	int rc = move_one(t, op->a, op->b, op->c, op->d, flags);
	if (rc == -EFAULT && op->b)
		rc = move_pieces(t, op, flags);
	if (rc)
		return err_sys(-rc, "task %d: cannot repeat mremap", t->tid);
	space_move(&t->mm->space, op->a, op->b, op->c, op->d, op->e & 4);
	return 0;
}

static int op_advise(struct ptask *t, const struct ev_op *op)
{
	struct remote_call c = {SYS_madvise, {op->a, op->b - op->a, op->c}, 0};
	int64_t r = call1(t, c);
	/* Part of the range may not be mapped (ENOMEM), then as now. */
	return r < 0 && r != -ENOMEM ? err_sys((int)-r, "task %d: cannot repeat madvise %llu", t->tid,
					       (unsigned long long)op->c)
				     : 0;
}

/* No operation of the program's touches the runtime. */
static int outside_runtime(const struct ev_op *op, const char *what)
{
	if (op->a < RUNTIME_END && op->b > RUNTIME_BASE)
		return err_set("the trace is damaged: %s of 0x%llx", what, (unsigned long long)op->a);
	return 0;
}

static int op_unmap(struct ptask *t, const struct ev_op *op)
{
	if (outside_runtime(op, "munmap"))
		return -1;
	int rc = simple(t, "munmap", (struct remote_call){SYS_munmap, {op->a, op->b - op->a}, 0});
	space_unmap(&t->mm->space, op->a, op->b);
	displace_images(t->mm, op->a, op->b);
	return rc;
}

static int op_protect(struct ptask *t, const struct ev_op *op)
{
	if (outside_runtime(op, "mprotect"))
		return -1;
	int rc = simple(t, "mprotect", (struct remote_call){SYS_mprotect, {op->a, op->b - op->a, op->c}, 0});
	space_protect(&t->mm->space, op->c & PROT_GROWSDOWN ? maps_grown_start(t->pid, op->a) : op->a, op->b,
		      (uint32_t)op->c & 7);
	return rc;
}

static int op_objsize(struct replay *s, const struct ev_op *op)
{
	int fd = object_fd(s, op->a);
	if (fd < 0)
		return -1;
	if (ftruncate(fd, (off_t)op->b))
		return err_sys(errno, "cannot make shared memory of %llu bytes", (unsigned long long)op->b);
	return 0;
}

static int op_stacklimit(struct ptask *t, const struct ev_op *op)
{
	struct rlimit lim;
	if (prlimit(t->pid, RLIMIT_STACK, NULL, &lim))
		return 0;
	lim.rlim_cur = op->a < lim.rlim_max ? op->a : lim.rlim_max;
	prlimit(t->pid, RLIMIT_STACK, &lim, NULL);
	t->mm->stack_cut = 0;
	t->mm->lifted = true; /* guards are looked at again */
	return 0;
}

static int play_op(struct replay *s, struct ptask *t, const struct ev_op *op)
{
	switch (op->op) {
	case OP_UNMAP:
		return op_unmap(t, op);
	case OP_PROTECT:
		return op_protect(t, op);
	case OP_MOVE:
		return op_move(t, op);
	case OP_ADVISE:
		return op_advise(t, op);
	case OP_OBJSIZE:
		return op_objsize(s, op);
	case OP_OBJGONE:
		forget_object(s, op->a);
		return 0;
	case OP_STACKLIMIT:
		return op_stacklimit(t, op);
	}
	return err_set("the trace is damaged: unknown operation");
}

/* Pages of ours go from where it maps or unmaps something. */
static int make_room(struct ptask *t, const struct ev_op *op)
{
	if (op->op == OP_MAP)
		return points_make_room(t, op->map.recorded.start, op->map.recorded.end);
	if (op->op == OP_MOVE)
		return points_make_room(t, op->a, op->a + op->b) || points_make_room(t, op->c, op->c + op->d)
			       ? -1
			       : 0;
	if (op->op == OP_UNMAP || op->op == OP_PROTECT || op->op == OP_ADVISE)
		return points_make_room(t, op->a, op->b);
	return 0;
}

int play_ops(struct replay *s, struct ptask *t, const struct event *ev)
{
	struct mapper b;
	if (ev->ops.n) {
		points_lift(t); /* where they belong may be another place now */
		if (guards_lift(t))
			return -1;
	}
	for (size_t i = 0; t->mm->bypasses.n && i < ev->ops.n; i++) {
		if (make_room(t, &ev->ops.at[i]))
			return -1;
	}
	b.ncalls = b.npaths = b.nmaps = 0;
	for (size_t i = 0; i < ev->ops.n; i++) {
		const struct ev_op *op = &ev->ops.at[i];
		if (op->op != OP_MAP) {
			if (flush_maps(s, t, &b) || play_op(s, t, op))
				return -1;
			continue;
		}
		if (op->map.source == SRC_NONE)
			continue;
		if (b.ncalls + 3 > RUNTIME_BATCH_MAX && flush_maps(s, t, &b))
			return -1;
		if (add_map(s, &b, &op->map))
			return -1;
	}
	return flush_maps(s, t, &b);
}

/* The kernel grows a stack when it writes below it on behalf of the task; our writes do not. Let
 * the task's own kernel do it: rt_sigprocmask writes eight zero bytes. Only the kernel knows what
 * grows: what is below a mapping in the middle of a grown one still does. */
static int write_growing(struct ptask *t, uint64_t addr, const void *data, size_t len)
{
	int rc = mem_write(t->pid, addr, data, len);
	if (!rc || space_find(&t->mm->space, addr))
		return rc;
	if (guards_lift(t)) /* what it grows by would have the protection of a guarded page */
		return -EIO;
	int64_t r = call1(t, (struct remote_call){SYS_rt_sigprocmask, {0, 0, addr & ~7ull, 8}, 0});
	return r ? rc : mem_write(t->pid, addr, data, len);
}

/* What a segment holds that is attached for reading only. */
static int write_object(struct replay *s, struct ptask *t, const struct ev_chunk *ch)
{
	const struct mapping *m = space_find(&t->mm->space, ch->addr);
	if (!m || m->source != SRC_OBJECT || !(m->recorded.flags & MAPF_SHARED) ||
	    ch->addr + ch->len > m->recorded.end)
		return -EIO;
	int fd = object_fd(s, m->object);
	off_t at = (off_t)(m->recorded.offset + (ch->addr - m->recorded.start));
	return fd >= 0 && pwrite(fd, ch->data, ch->len, at) == (ssize_t)ch->len ? 0 : -EIO;
}

static int put_chunk(struct replay *s, struct ptask *t, const struct ev_chunk *ch)
{
	if (ch->kind == CH_OUT) {
		/* Data of the task's own runtime, such as its table of cpuid results, may be set. */
		bool data =
			ch->addr >= RUNTIME_DATA && ch->addr + ch->len <= RUNTIME_DATA + RUNTIME_DATA_SIZE;
		if (!data && ch->addr < RUNTIME_END && ch->addr + ch->len > RUNTIME_BASE)
			return err_set("the trace is damaged: memory at 0x%llx",
				       (unsigned long long)ch->addr);
		points_lift_range(t, ch->addr, ch->len);
		int rc = write_growing(t, ch->addr, ch->data, ch->len);
		if (rc == -EIO)
			rc = write_object(s, t, ch);
		return rc ? err_sys(-rc, "task %d: cannot write memory at 0x%llx", t->tid,
				    (unsigned long long)ch->addr)
			  : 0;
	}
	int fd = object_fd(s, ch->obj);
	if (fd < 0)
		return -1;
	if (pwrite(fd, ch->data, ch->len, (off_t)ch->addr) != (ssize_t)ch->len)
		return err_sys(errno, "cannot write shared memory");
	return 0;
}

static int check_in(struct replay *s, struct ptask *t, const struct ev_chunk *ch)
{
	uint8_t have[4096];
	if (ch->len > sizeof(have))
		return 0;
	size_t n = mem_read(t->pid, ch->addr, have, ch->len);
	points_mask(t->mm, ch->addr, have, n);
	if (n == ch->len && !memcmp(have, ch->data, n))
		return 0;
	size_t i = 0;
	while (i < n && have[i] == ch->data[i])
		i++;
	return diverge(s, t, "the memory that the call reads differs from 0x%llx on",
		       (unsigned long long)(ch->addr + i));
}

int play_chunks(struct replay *s, struct ptask *t, const struct event *ev)
{
	for (size_t i = 0; i < ev->chunks.n; i++) {
		const struct ev_chunk *ch = &ev->chunks.at[i];
		if (ch->kind == CH_IN)
			continue;
		if (put_chunk(s, t, ch))
			return -1;
	}
	return 0;
}

/* What a call reads must be what it read: checked before any effect. */
int play_check_in(struct replay *s, struct ptask *t, const struct event *ev)
{
	for (size_t i = 0; i < ev->chunks.n; i++) {
		if (ev->chunks.at[i].kind == CH_IN && check_in(s, t, &ev->chunks.at[i]))
			return -1;
	}
	return 0;
}

/* Unmap what the kernel made for the stub, all but the runtime. */
static int clear_out(struct ptask *t)
{
	struct space now = {0};
	struct remote_call c[RUNTIME_BATCH_MAX];
	unsigned n = 0;
	if (maps_read(t->pid, &now))
		return -1;
	for (struct mapping *m = space_first(&now); m && n < RUNTIME_BATCH_MAX; m = space_next(&now, m)) {
		const struct kernel_mapping *k = &m->recorded;
		if ((k->start >= RUNTIME_BASE && k->end <= RUNTIME_END) || k->start >= ADDR_END)
			continue;
		c[n++] = (struct remote_call){SYS_munmap, {k->start, k->end - k->start}, 0};
	}
	space_clear(&now);
	int rc = remote_batch(t->pid, c, n, REMOTE_REPLAY);
	return rc ? err_sys(-rc, "lost task %d", t->tid) : 0;
}

int play_rebuild(struct replay *s, struct ptask *t, const struct event *ev)
{
	return clear_out(t) || play_ops(s, t, ev) || play_chunks(s, t, ev) ? -1 : 0;
}

/* The program's address space: what it maps, what that consists of, and what others
 * do to it through files and shared memory. */
#include "record/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/err.h"
#include "layout.h"
#include "rewrite/sites.h"
#include "task/remote.h"

#define PAGE 4096ull
#define PAGE_UP(x) (((x) + PAGE - 1) & ~(PAGE - 1))
#define IS_ERROR(r) ((uint64_t)(r) > (uint64_t)-4096)
#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE 8
#endif

int memory_open_fd(struct rtask *t, int fd, int flags)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", t->tid, fd);
	return open(path, flags | O_CLOEXEC);
}

int memory_stat_fd(struct rtask *t, int fd, struct stat *st)
{
	char path[64];
	struct statx sx;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", t->tid, fd);
	if (statx(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_TYPE | STATX_MODE | STATX_INO, &sx))
		return -1;
	*st = (struct stat){.st_dev = makedev(sx.stx_dev_major, sx.stx_dev_minor),
			    .st_rdev = makedev(sx.stx_rdev_major, sx.stx_rdev_minor),
			    .st_ino = sx.stx_ino,
			    .st_mode = sx.stx_mode,
			    .st_nlink = sx.stx_nlink,
			    .st_size = (off_t)sx.stx_size,
			    .st_mtim = {sx.stx_mtime.tv_sec, sx.stx_mtime.tv_nsec},
			    .st_ctim = {sx.stx_ctime.tv_sec, sx.stx_ctime.tv_nsec}};
	return 0;
}

/* Position and open flags of a descriptor. 0 or -1. */
int memory_fd_info(struct rtask *t, int fd, uint64_t *pos, unsigned *flags)
{
	char path[64], text[256] = "";
	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", t->tid, fd);
	int f = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = f < 0 ? -1 : read(f, text, sizeof(text) - 1);
	if (f >= 0)
		close(f);
	long p;
	if (n <= 0 || sscanf(text, "pos: %ld flags: %o", &p, flags) != 2)
		return -1;
	*pos = (uint64_t)p;
	return 0;
}

uint64_t memory_file_key(uint64_t dev, uint64_t ino)
{
	uint64_t k[2] = {dev, ino};
	return XXH64(k, sizeof(k), 0);
}

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
	uint64_t id[] = {st->st_dev,
			 st->st_ino,
			 (uint64_t)st->st_size,
			 (uint64_t)st->st_mtim.tv_sec,
			 (uint64_t)st->st_mtim.tv_nsec,
			 (uint64_t)st->st_ctim.tv_sec,
			 (uint64_t)st->st_ctim.tv_nsec};
	struct timespec now;
	clock_gettime(CLOCK_REALTIME_COARSE, &now); /* see task/tsc.h */
	*key = XXH64(id, sizeof(id), 0);
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

int memory_store(struct recorder *s, const char *path, const struct stat *st, struct mapping *m)
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

void memory_plant_sites(struct recorder *s, struct rtask *t, const struct mapping *m, const char *path,
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

/* --- shared objects --- */

struct robj *memory_object(struct recorder *s, uint64_t dev, uint64_t ino)
{
	return hmap_get(&s->objects, memory_file_key(dev, ino));
}

static uint64_t object_key(const struct robj *o)
{
	return o->dev || o->ino ? memory_file_key(o->dev, o->ino) : o->id;
}

/* Objects that nobody maps are forgotten, here and at replay, where each is a descriptor: who maps
 * one again puts on record what it holds. The event being built says so. */
static void sweep_objects(struct recorder *s)
{
	if (s->objects.n <= 2 * s->objects_swept + 32)
		return;
	VEC(struct robj *) gone = {0};
	size_t i = 0;
	struct robj *o;
	while ((o = hmap_next(&s->objects, &i))) {
		if (!counts_object(&s->maps, o->id))
			*VEC_PUSH(&gone) = o;
	}
	for (i = 0; i < gone.n; i++) {
		event_op(&s->ev, OP_OBJGONE)->a = gone.at[i]->id;
		hmap_del(&s->objects, object_key(gone.at[i]));
		free(gone.at[i]);
	}
	VEC_FREE(&gone);
	s->objects_swept = s->objects.n;
}

/* An object found again by (dev, ino); 0, 0: one that nobody can name (System V
 * segments have inode numbers from 0 on, but never device 0). */
static struct robj *object_new(struct recorder *s, uint64_t dev, uint64_t ino, uint32_t group)
{
	struct robj *o = xcalloc(1, sizeof(*o));
	o->id = ++s->next_object;
	o->dev = dev;
	o->ino = ino;
	o->group = group;
	hmap_set(&s->objects, object_key(o), o);
	return o;
}

static struct robj *object_by_id(struct recorder *s, uint64_t id)
{
	size_t i = 0;
	struct robj *o;
	while ((o = hmap_next(&s->objects, &i)) && o->id != id)
		;
	return o;
}

/* All address spaces that can write into each other's memory are one group, and the objects
 * that they map are that group's. */
void memory_join_group(struct recorder *s, struct rmm *mm, uint32_t group)
{
	uint32_t old = mm->group;
	size_t i = 0, j = 0;
	struct rtask *t;
	struct robj *o;
	mm->shares = true;
	if (old == group)
		return;
	mm->group = group;
	while ((t = hmap_next(&s->tasks, &i))) {
		if (t->mm->group == old)
			t->mm->group = group;
	}
	while ((o = hmap_next(&s->objects, &j))) {
		if (o->group == old)
			o->group = group;
	}
	sched_join(s, old, group);
}

void memory_object_size(struct recorder *s, struct robj *o, uint64_t size)
{
	if (size == o->size)
		return;
	o->size = size;
	struct ev_op *op = event_op(&s->ev, OP_OBJSIZE);
	op->a = o->id;
	op->b = size;
}

void memory_log_object(struct recorder *s, struct rtask *t, const struct robj *o, int fd, uint64_t off,
		       uint64_t end, bool holes)
{
	uint8_t *data = xmalloc(1 << 20);
	while (off < end) {
		off_t from = holes ? (off_t)off : lseek(fd, (off_t)off, SEEK_DATA);
		if (from < 0 && errno == ENXIO)
			break;
		if (from >= 0)
			off = (uint64_t)from;
		size_t n = off < end ? (end - off < (1 << 20) ? (size_t)(end - off) : 1 << 20) : 0;
		ssize_t got = n ? pread(fd, data, n, (off_t)off) : 0;
		if (got <= 0)
			break;
		struct event mem = {.kind = EV_MEM, .tid = t->tid, .group = t->mm->group};
		event_chunk(&mem, CH_OBJ, off, data, (size_t)got);
		mem.chunks.at[0].obj = o->id;
		writer_put(s->w, &mem);
		event_free(&mem);
		off += (uint64_t)got;
	}
	free(data);
}

/* What replay has of an object that nobody maps may be old: forget it. */
static void empty_object(struct recorder *s, struct rtask *t, struct robj *o)
{
	struct event ev = {.kind = EV_MEM, .tid = t->tid, .group = t->mm->group};
	struct ev_op *op = event_op(&ev, OP_OBJSIZE);
	op->a = o->id;
	op->b = o->size = 0;
	writer_put(s->w, &ev);
	event_free(&ev);
}

static bool is_mapped(struct recorder *s, const struct robj *o)
{
	return counts_object(&s->maps, o->id);
}

/* `t` maps the object. If nobody else does, those who did are no reason to wait for anybody:
 * they may even have had another file, which had the same inode. */
static void join_object(struct recorder *s, struct rtask *t, struct robj *o)
{
	if (!is_mapped(s, o))
		o->group = t->mm->group;
	memory_join_group(s, t->mm, o->group);
}

/* Put what the object's file holds in [from, to) on record. While somebody maps it,
 * what the trace has is followed store by store, and must not be read again: a task of
 * another group may just be storing. */
static void snapshot(struct recorder *s, struct rtask *t, struct robj *o, int fd, uint64_t from, uint64_t to)
{
	to = to < o->size ? to : o->size;
	if (!is_mapped(s, o) || o->lo >= o->hi) {
		memory_log_object(s, t, o, fd, from, to, false);
		o->lo = from;
		o->hi = to;
		return;
	}
	if (from < o->lo) {
		memory_log_object(s, t, o, fd, from, o->lo, false);
		o->lo = from;
	}
	if (to > o->hi) {
		memory_log_object(s, t, o, fd, o->hi, to, false);
		o->hi = to;
	}
}

static void map_object(struct recorder *s, struct rtask *t, struct mapping *m, int fd, const struct stat *st)
{
	struct robj *o = memory_object(s, st->st_dev, st->st_ino);
	if (!o)
		o = object_new(s, st->st_dev, st->st_ino, t->mm->group);
	m->source = SRC_OBJECT;
	m->object = o->id;
	join_object(s, t, o);
	if (s->ev.kind != EV_MEM) /* a buffered call is on record already */
		log_force_entry(s, t);
	s->ev.group = t->mm->group;
	if (o->size && !is_mapped(s, o))
		empty_object(s, t, o);
	memory_object_size(s, o, (uint64_t)st->st_size);
	snapshot(s, t, o, fd, m->recorded.offset, m->recorded.offset + (m->recorded.end - m->recorded.start));
}

uint64_t memory_mirror(struct recorder *s, struct rtask *t, int fd, const struct stat *st, uint64_t from,
		       uint64_t to)
{
	struct robj *o = memory_object(s, st->st_dev, st->st_ino);
	if (!o)
		o = object_new(s, st->st_dev, st->st_ino, t->mm->group);
	o->part = true;
	join_object(s, t, o);
	if (o->size && !is_mapped(s, o))
		empty_object(s, t, o);
	log_begin(s, t, EV_MEM, 0);
	memory_object_size(s, o, (uint64_t)st->st_size);
	if (s->ev.ops.n)
		log_put(s);
	snapshot(s, t, o, fd, from, to);
	return o->id;
}

/* Others mapped this file as if it were constant; now somebody may store into it. */
static void convert_mappings(struct recorder *s, const struct stat *st, struct robj *o, int fd)
{
	size_t i = 0;
	struct rtask *t;
	while ((t = task_next_mm(s, &i))) {
		struct space *sp = &t->mm->space;
		for (struct mapping *m = space_first(sp); m; m = space_next(sp, m)) {
			if (m->source != SRC_FILE || !(m->recorded.flags & MAPF_SHARED) ||
			    m->recorded.dev != st->st_dev || m->recorded.ino != st->st_ino)
				continue;
			uint64_t from = m->recorded.offset;
			space_set_object(sp, m, o->id);
			memory_join_group(s, t->mm, o->group);
			snapshot(s, t, o, fd, from, from + (m->recorded.end - m->recorded.start));
			struct event ev = {.kind = EV_MEM, .tid = t->tid, .group = t->mm->group};
			event_op(&ev, OP_MAP)->map = *m;
			writer_put(s->w, &ev);
			event_free(&ev);
		}
	}
}

/* --- mmap --- */

/* Is what the task maps memory that changes by itself: a device's, a socket's ring, ...? What
 * the kernel does not map at all it refuses with its own error. */
static bool is_device(struct rtask *t, const struct call *c)
{
	struct stat st;
	return !(c->args[3] & MAP_ANONYMOUS) && !memory_stat_fd(t, (int)c->args[4], &st) &&
	       !S_ISREG(st.st_mode) && st.st_rdev != makedev(1, 5) /* /dev/zero */;
}

static enum disposition start_mmap(struct rtask *t, struct call *c)
{
	uint64_t *flags = &c->args[3];
	if ((*flags & 0xf) == MAP_DROPPABLE) {
		/* Its content may vanish at any time: as on a kernel before 6.11. */
		c->result = -EINVAL;
		return DISP_SKIP;
	}
	if (is_device(t, c)) { /* ask the kernel, but let it replace nothing */
		t->aux = 1;
		c->args[0] = 0;
		*flags &= ~(uint64_t)(MAP_FIXED | MAP_FIXED_NOREPLACE | MAP_POPULATE | MAP_LOCKED);
	}
	return DISP_CALL_EXIT;
}

int64_t memory_fix(struct recorder *s, struct rtask *t, int64_t result)
{
	if (sys_row(t->nr)->cls != C_MMAP || !t->aux || IS_ERROR(result))
		return result;
	char name[256];
	remote_one(t->tid, REMOTE_RECORD, SYS_munmap, (uint64_t)result, PAGE_UP(t->args[1]), 0, 0, 0, 0);
	memory_file_name(t, (int)t->args[4], name, sizeof(name));
	if (!s->warned_device)
		say("task %d maps %s, whose memory changes by itself and cannot be recorded: it is told that "
		    "this cannot be mapped (ENODEV)",
		    t->tid, name);
	s->warned_device = true;
	return -ENODEV;
}

void memory_file_name(struct rtask *t, int fd, char *out, size_t cap)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", t->tid, fd);
	ssize_t n = readlink(path, out, cap - 1);
	out[n > 0 ? n : 0] = 0;
}

/* A file that others may change through us, or change under us. */
static void map_shared_file(struct recorder *s, struct rtask *t, struct mapping *m, const char *path,
			    const struct stat *st)
{
	struct robj *o = memory_object(s, st->st_dev, st->st_ino);
	bool known = o && !o->part;
	int f = open(path, O_RDONLY | O_CLOEXEC);
	if (f < 0) {
		err_sys(errno, "task %d: cannot read the file it maps (%s)", t->tid, m->recorded.name);
		rec_fail(s);
		return;
	}
	map_object(s, t, m, f, st);
	o = memory_object(s, st->st_dev, st->st_ino);
	if (!known)
		convert_mappings(s, st, o, f);
	o->part = false;
	close(f);
}

static bool is_writable(struct rtask *t, int fd)
{
	uint64_t pos;
	unsigned flags = 0;
	return !memory_fd_info(t, fd, &pos, &flags) && (flags & O_ACCMODE) == O_RDWR;
}

static void map_file(struct recorder *s, struct rtask *t, struct mapping *m, int fd, const struct stat *st)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", t->tid, fd);
	m->recorded.dev = st->st_dev;
	m->recorded.ino = st->st_ino;
	m->recorded.size = (uint64_t)st->st_size;
	memory_note_file(s, st->st_dev, st->st_ino);
	const struct robj *o = memory_object(s, st->st_dev, st->st_ino);
	/* Pages of a private mapping that nobody stored to show what others store to shared ones. */
	if (m->recorded.flags & MAPF_SHARED ? o || is_writable(t, fd)
					    : o && !(m->recorded.prot & PROT_EXEC) && is_mapped(s, o))
		map_shared_file(s, t, m, path, st);
	else if (memory_store(s, path, st, m))
		rec_fail(s);
	else if (!image_map(s, t, m, path))
		memory_plant_sites(s, t, m, path, st);
}

static uint32_t effective_prot(const struct rtask *t, uint64_t prot)
{
	return (uint32_t)(prot & 7) | (prot & PROT_READ && t->proc->read_implies_exec ? PROT_EXEC : 0);
}

static void exit_mmap(struct recorder *s, struct rtask *t, uint64_t addr)
{
	uint64_t flags = t->args[3];
	struct mapping m = {0};
	struct kernel_mapping *k = &m.recorded;
	k->start = addr;
	k->end = addr + PAGE_UP(t->args[1]);
	k->prot = effective_prot(t, t->args[2]);
	k->flags = (flags & 3 && (flags & 0xf) != MAP_PRIVATE ? MAPF_SHARED : 0) |
		   (flags & MAP_GROWSDOWN ? MAPF_GROWSDOWN : 0);
	fetch_gone(t->mm, k->start, k->end);
	struct stat st = {0};
	if (!(flags & MAP_ANONYMOUS) && memory_stat_fd(t, (int)t->args[4], &st)) {
		err_sys(errno, "task %d: cannot look at the file it maps", t->tid);
		rec_fail(s);
	}
	if (flags & MAP_ANONYMOUS || S_ISCHR(st.st_mode)) {
		k->flags |= MAPF_ANON;
		if (k->flags & MAPF_SHARED) {
			struct robj *o = object_new(s, 0, 0, t->mm->group);
			m.source = SRC_OBJECT;
			m.object = o->id;
			t->mm->shares = true;
			memory_object_size(s, o, k->end - k->start);
		}
	} else {
		k->offset = t->args[5];
		memory_file_name(t, (int)t->args[4], k->name, sizeof(k->name));
		map_file(s, t, &m, (int)t->args[4], &st);
	}
	event_op(&s->ev, OP_MAP)->map = m;
	space_map(&t->mm->space, &m);
	if (k->prot & PROT_EXEC)
		fetch_mapped(s, t, k->start, k->end);
}

/* --- the other calls --- */

static void op_range(struct recorder *s, uint8_t opcode, uint64_t a, uint64_t b, uint64_t c)
{
	struct ev_op *op = event_op(&s->ev, opcode);
	op->a = a;
	op->b = b;
	op->c = c;
}

static void exit_mprotect(struct recorder *s, struct rtask *t, int64_t result)
{
	uint64_t start = t->args[0], end = start + PAGE_UP(t->args[1]);
	if (!result) {
		uint64_t down = t->args[2] & PROT_GROWSDOWN;
		op_range(s, OP_PROTECT, start, end, effective_prot(t, t->args[2]) | down);
		start = down ? maps_grown_start(t->tid, start) : start;
		space_protect(&t->mm->space, start, end, effective_prot(t, t->args[2]));
		fetch_mapped(s, t, start, end);
	} else if (result == -ENOMEM || result == -EACCES) {
		/* It may have got part of the way: see how far. */
		struct space now = {0};
		if (!maps_read(t->tid, &now)) {
			for (struct mapping *m = space_from(&now, start); m && m->recorded.start < end;
			     m = space_from(&now, m->recorded.end)) {
				uint64_t a = m->recorded.start > start ? m->recorded.start : start;
				uint64_t b = m->recorded.end < end ? m->recorded.end : end;
				uint32_t prot = fetch_prot(t, a, m->recorded.prot);
				op_range(s, OP_PROTECT, a, b, prot);
				space_protect(&t->mm->space, a, b, prot);
			}
		}
		space_clear(&now);
	}
}

static void find_heap(struct rtask *t)
{
	struct space now = {0};
	if (!maps_read(t->tid, &now)) {
		for (struct mapping *m = space_first(&now); m; m = space_next(&now, m)) {
			if (!strcmp(m->recorded.name, "[heap]"))
				t->mm->brk = m->recorded.start;
		}
	}
	space_clear(&now);
}

static void exit_brk(struct recorder *s, struct rtask *t, uint64_t now)
{
	struct rmm *mm = t->mm;
	if (!mm->brk && now == t->args[0])
		find_heap(t);
	uint64_t old = mm->brk ? PAGE_UP(mm->brk) : PAGE_UP(now), end = PAGE_UP(now);
	mm->brk = now;
	if (end > old) {
		struct mapping m = {.recorded = {.start = old,
						 .end = end,
						 .prot = PROT_READ | PROT_WRITE,
						 .flags = MAPF_ANON,
						 .name = "[heap]"}};
		event_op(&s->ev, OP_MAP)->map = m;
		space_map(&mm->space, &m);
	} else if (end < old) {
		op_range(s, OP_UNMAP, end, old, 0);
		space_unmap(&mm->space, end, old);
	}
}

/* A mapping of an object has grown to [start, end): more of the file shows there. */
static void show_grown(struct recorder *s, struct rtask *t, uint64_t start, uint64_t end)
{
	const struct mapping *m = space_find(&t->mm->space, start);
	struct robj *o = m && m->source == SRC_OBJECT ? object_by_id(s, m->object) : NULL;
	uint64_t at = m ? m->recorded.offset + (start - m->recorded.start) : 0;
	if (!o || at >= o->size || at + (end - start) <= o->hi)
		return;
	uint64_t known = o->hi > at ? o->hi - at : 0, left = PAGE_UP(o->size) - at;
	log_memory(s, t, start + known, (end - start < left ? end - start : left) - known, start + known);
	o->hi = at + (end - start);
}

static void exit_mremap(struct recorder *s, struct rtask *t, uint64_t new)
{
	struct ev_op *op = event_op(&s->ev, OP_MOVE);
	op->a = t->args[0];
	op->b = PAGE_UP(t->args[1]);
	op->c = new;
	op->d = PAGE_UP(t->args[2]);
	op->e = t->args[3];
	space_move(&t->mm->space, op->a, op->b, op->c, op->d, op->e & 4 /* MREMAP_DONTUNMAP */);
	fetch_moved(t, op->a, op->b, op->c);
	fetch_mapped(s, t, op->c, op->c + op->d);
	if (t->args[1] && PAGE_UP(t->args[2]) > PAGE_UP(t->args[1]))
		show_grown(s, t, new + PAGE_UP(t->args[1]), new + PAGE_UP(t->args[2]));
}

/* Advice that changes what the program can see, now or in a forked child. */
static bool advice_counts(uint64_t advice)
{
	static const uint8_t list[] = {MADV_DONTNEED,
				       MADV_REMOVE,
				       MADV_DONTFORK,
				       MADV_DOFORK,
				       MADV_WIPEONFORK,
				       MADV_KEEPONFORK,
				       24 /* MADV_DONTNEED_LOCKED */,
				       102 /* MADV_GUARD_INSTALL */,
				       103 /* MADV_GUARD_REMOVE */};
	return memchr(list, (int)advice, sizeof(list)) && advice < 256;
}

static void exit_madvise(struct recorder *s, struct rtask *t, uint64_t start, uint64_t end, uint64_t advice)
{
	op_range(s, OP_ADVISE, start, end, advice);
	if (t->mm->holds_code) {
		fetch_gone(t->mm, start, end);
		fetch_mapped(s, t, start, end);
	}
}

static void exit_shmat(struct recorder *s, struct rtask *t, uint64_t addr)
{
	struct space now = {0};
	if (maps_read(t->tid, &now)) {
		rec_fail(s);
		return;
	}
	struct mapping *found = space_find(&now, addr);
	if (found) {
		struct mapping m = *found;
		struct robj *o = memory_object(s, m.recorded.dev, m.recorded.ino);
		bool first = !o;
		o = o ? o : object_new(s, m.recorded.dev, m.recorded.ino, t->mm->group);
		m.source = SRC_OBJECT;
		m.object = o->id;
		join_object(s, t, o);
		memory_object_size(s, o, m.recorded.end - m.recorded.start);
		event_op(&s->ev, OP_MAP)->map = m;
		space_map(&t->mm->space, &m);
		if (first) {
			log_force_entry(s, t);
			s->ev.group = t->mm->group;
			log_memory(s, t, m.recorded.start, m.recorded.end - m.recorded.start,
				   m.recorded.start);
		}
	}
	space_clear(&now);
}

static void exit_shmdt(struct recorder *s, struct rtask *t)
{
	struct mapping *m = space_find(&t->mm->space, t->args[0]);
	if (!m)
		return;
	uint64_t start = m->recorded.start, end = m->recorded.end;
	op_range(s, OP_UNMAP, start, end, 0);
	space_unmap(&t->mm->space, start, end);
}

/* MADV_FREE is for private anonymous memory. */
static bool may_free(const struct rmm *mm, uint64_t start, uint64_t end)
{
	for (struct mapping *m = space_from(&mm->space, start); m && m->recorded.start < end;
	     m = space_from(&mm->space, m->recorded.end)) {
		if (!(m->recorded.flags & MAPF_ANON) || m->recorded.flags & MAPF_SHARED)
			return false;
	}
	return true;
}

static enum disposition start_madvise(struct rtask *t, struct call *c)
{
	uint64_t *advice = &c->args[2], start = c->args[0];
	/* When the kernel takes MADV_FREE pages is its own affair; MADV_DONTNEED does the
	 * same at once. Poisoning pages is not for recordings. */
	if ((int)*advice == MADV_FREE && !may_free(t->mm, start, start + PAGE_UP(c->args[1]))) {
		c->result = -EINVAL;
		return DISP_SKIP;
	}
	if ((int)*advice == MADV_FREE)
		*advice = MADV_DONTNEED;
	if (*advice == MADV_HWPOISON || *advice == 101 /* MADV_SOFT_OFFLINE */) {
		c->result = -EPERM;
		return DISP_SKIP;
	}
	return DISP_CALL_EXIT;
}

enum disposition memory_start(struct recorder *s, struct rtask *t, struct call *c)
{
	int cls = sys_row(c->nr)->cls;
	if ((cls == C_MMAP && start_mmap(t, c) == DISP_SKIP) ||
	    (cls == C_MADVISE && start_madvise(t, c) == DISP_SKIP))
		return DISP_SKIP;
	enum disposition d = own_start(s, t, c);
	if (d != DISP_SKIP)
		fetch_start(s, t, c);
	return d;
}

void memory_exit(struct recorder *s, struct rtask *t, int64_t result)
{
	uint64_t advice = t->args[2] == MADV_FREE ? MADV_DONTNEED : t->args[2];
	switch (sys_row(t->nr)->cls) {
	case C_MPROTECT:
		exit_mprotect(s, t, result);
		return;
	case C_BRK:
		exit_brk(s, t, (uint64_t)result);
		return;
	case C_MADVISE:
		if ((!result || result == -ENOMEM) && advice_counts(advice))
			exit_madvise(s, t, t->args[0], t->args[0] + PAGE_UP(t->args[1]), advice);
		return;
	}
	if (IS_ERROR(result))
		return;
	switch (sys_row(t->nr)->cls) {
	case C_MMAP:
		sweep_objects(s);
		exit_mmap(s, t, (uint64_t)result);
		break;
	case C_MUNMAP:
		op_range(s, OP_UNMAP, t->args[0], t->args[0] + PAGE_UP(t->args[1]), 0);
		space_unmap(&t->mm->space, t->args[0], t->args[0] + PAGE_UP(t->args[1]));
		image_unmap(s, t, t->args[0], t->args[0] + PAGE_UP(t->args[1]));
		fetch_gone(t->mm, t->args[0], t->args[0] + PAGE_UP(t->args[1]));
		break;
	case C_MREMAP:
		exit_mremap(s, t, (uint64_t)result);
		break;
	case C_SHMAT:
		sweep_objects(s);
		exit_shmat(s, t, (uint64_t)result);
		break;
	case C_SHMDT:
		exit_shmdt(s, t);
		break;
	}
}

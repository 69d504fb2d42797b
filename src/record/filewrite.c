/* Writes to files that somebody maps. */
#include "record/session.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "record/objects.h"
#include "record/taskfd.h"
#include "abi/ioctls.h"
#include "base/err.h"
#include "layout.h"
#include "task/remote.h"

#define PAGE 4096ull

/* The descriptor that the call writes to; by path (by_path): the one that it returned. */
static int written_fd(const struct rtask *t, int64_t result)
{
	switch (t->nr) {
	case SYS_splice:
	case SYS_copy_file_range:
		return (int)t->regs.rdx;
	case SYS_truncate:
		return -1;
	case SYS_open:
	case SYS_openat:
	case SYS_openat2:
	case SYS_creat:
		return (int)result;
	}
	return (int)t->regs.rdi;
}

/* How a call names the file that it makes shorter. */
struct by_path {
	uint64_t dir, path, flags, resolve;
};

/* Does the call that `t`, stopped at its start, makes shorten the file at a path? */
static bool by_path(const struct rtask *t, struct by_path *p)
{
	const regs_t *r = &t->regs;
	struct open_how how = {0};
	*p = (struct by_path){(uint64_t)AT_FDCWD, r->rdi, O_TRUNC, 0};
	switch (t->nr) {
	case SYS_truncate:
	case SYS_creat:
		return true;
	case SYS_open:
		p->flags = r->rsi;
		break;
	case SYS_openat:
	case SYS_openat2:
		p->dir = r->rdi;
		p->path = r->rsi;
		p->flags = r->rdx;
		if (t->nr == SYS_openat)
			break;
		if (mem_read(t->tid, r->rdx, &how, sizeof(how)) != sizeof(how))
			return false;
		p->flags = how.flags;
		p->resolve = how.resolve & ~(uint64_t)RESOLVE_CACHED;
		break;
	default:
		return false;
	}
	return p->flags & O_TRUNC && !(p->flags & O_PATH);
}

/* Which file that is only the task itself can tell: it has its own root, rights, and /proc/self.
 * It opens the file without an effect and looks at it. The call must be started again then.
 * 0 or -ESRCH. */
static int look(struct rtask *t, const struct by_path *p)
{
	const uint64_t stat_at = RUNTIME_SPARE + sizeof(struct open_how);
	struct open_how how = {.flags = O_PATH | O_CLOEXEC | (p->flags & O_NOFOLLOW), .resolve = p->resolve};
	struct stat st;
	struct remote_call c[3] = {
		{SYS_openat2, {p->dir, p->path, RUNTIME_SPARE, sizeof(how)}, 0},
		{SYS_fstat, {RUNTIME_RESULT, stat_at}, 0},
		{SYS_close, {RUNTIME_RESULT}, 0},
	};
	_Static_assert(RUNTIME_SPARE + sizeof(how) + sizeof(st) <= RUNTIME_DATA + 0x1000, "in the page");
	t->target = (struct target){.by_path = true, .known = true, .rip = t->regs.rip, .rsp = t->regs.rsp};
	if (mem_write(t->tid, RUNTIME_SPARE, &how, sizeof(how)) || remote_batch(t->tid, c, 3, REMOTE_RECORD))
		return -ESRCH;
	if (c[0].result >= 0 && !c[1].result && mem_read(t->tid, stat_at, &st, sizeof(st)) == sizeof(st)) {
		t->target.regular = S_ISREG(st.st_mode);
		t->target.dev = st.st_dev;
		t->target.ino = st.st_ino;
		t->target.size = (uint64_t)st.st_size;
	}
	return 0;
}

/* Which part of the file it was: all of it where that is not known. */
static void written_range(struct rtask *t, int fd, int64_t result, uint64_t *from, uint64_t *to)
{
	uint64_t pos = 0, off = 0;
	unsigned flags;
	*from = 0;
	*to = UINT64_MAX;
	switch (t->nr) {
	case SYS_truncate:
	case SYS_ftruncate:
		*from = t->args[1]; /* the rest of its page is zero now; what follows is gone */
		*to = (t->args[1] + PAGE - 1) & ~(PAGE - 1);
		return;
	case SYS_fallocate:
		*from = t->args[2];
		if (!(t->args[1] & (FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_INSERT_RANGE)))
			*to = t->args[2] + t->args[3];
		return;
	case SYS_pwrite64:
	case SYS_pwritev:
	case SYS_pwritev2:
		pos = t->args[3] + (uint64_t)result;
		if (t->args[3] == UINT64_MAX && taskfd_info(t, fd, &pos, &flags))
			return;
		break;
	case SYS_splice:
	case SYS_copy_file_range:
		if (t->args[3] && mem_read(t->tid, t->args[3], &off, 8) == 8)
			pos = off;
		else if (taskfd_info(t, fd, &pos, &flags))
			return;
		break;
	case SYS_write:
	case SYS_writev:
	case SYS_sendfile:
		if (taskfd_info(t, fd, &pos, &flags))
			return;
		break;
	default:
		return;
	}
	*from = pos - (uint64_t)result;
	*to = pos;
}

/* Everybody who maps [from, to) of the file privately and has not stored into those
 * pages sees the change; what they see now is put on record. */
static void show_private(struct recorder *s, const struct stat *st, uint64_t from, uint64_t to)
{
	size_t i = 0;
	struct rtask *t;
	while ((t = task_next_mm(s, &i))) {
		const struct space *sp = &t->mm->space;
		for (const struct mapping *m = space_first(sp); m; m = space_next(sp, m)) {
			const struct kernel_mapping *k = &m->recorded;
			uint64_t a = from > k->offset ? from - k->offset + k->start : k->start;
			uint64_t b = to < k->offset ? 0 : to - k->offset + k->start;
			b = b > k->end || to == UINT64_MAX ? k->end : b;
			if (m->source != SRC_FILE || k->dev != st->st_dev || k->ino != st->st_ino || a >= b)
				continue;
			log_begin(s, t, EV_MEM, 0);
			log_memory(s, t, a, b - a, a);
			log_put(s);
		}
	}
}

static bool maps_file(const struct rmm *mm, uint64_t dev, uint64_t ino)
{
	for (const struct mapping *m = space_first(&mm->space); m; m = space_next(&mm->space, m)) {
		const struct kernel_mapping *k = &m->recorded;
		if (k->ino == ino && k->dev == dev)
			return true;
	}
	return false;
}

/* Whoever maps the file sees the write happen: the writer and they are one group from
 * now on, so that none of them runs meanwhile. */
static void join_mappers(struct recorder *s, struct rtask *t, uint64_t dev, uint64_t ino)
{
	size_t i = 0;
	struct rtask *o;
	while ((o = hmap_next(&s->tasks, &i))) {
		if (o->mm == t->mm || o->mm->group == t->mm->group || !maps_file(o->mm, dev, ino))
			continue;
		o->mm->shares = true;
		object_join_group(s, t->mm, o->mm->group);
	}
}

/* Does it write to the file behind its descriptor? */
static bool writes_file(const struct rtask *t)
{
	return sys_row(t->nr)->flags & F_WRITES ||
	       (t->nr == SYS_ioctl && ioctl_lookup((uint32_t)t->regs.rsi).flags & IOF_WRITES);
}

struct action filewrite_start(struct recorder *s, struct rtask *t)
{
	struct stat st;
	struct by_path p;
	struct target *g = &t->target;
	t->writes = WR_NOTHING;
	if (by_path(t, &p)) {
		if (!g->known || g->rip != t->regs.rip || g->rsp != t->regs.rsp)
			return look(t, &p) ? act(ACT_GONE) : call_restart(t);
	} else if (!writes_file(t) || taskfd_stat(t, written_fd(t, -1), &st)) {
		*g = (struct target){0};
		return act(ACT_NOT_MINE);
	} else {
		*g = (struct target){.regular = S_ISREG(st.st_mode),
				     .dev = st.st_dev,
				     .ino = st.st_ino,
				     .size = (uint64_t)st.st_size};
	}
	if (g->regular && hmap_get(&s->mapped, object_file_key(g->dev, g->ino))) {
		t->writes = WR_MAPPED;
		join_mappers(s, t, g->dev, g->ino);
		if (sched_busy(s, t) || sched_behind(s, t))
			return act(ACT_WAIT);
	}
	g->known = false;
	return act(ACT_NOT_MINE);
}

/* The size is all that these change, and fallocate where it only makes room. */
static bool changes_data(const struct rtask *t)
{
	if (t->nr == SYS_fallocate)
		return t->args[1] & ~(uint64_t)FALLOC_FL_KEEP_SIZE;
	return t->nr != SYS_ftruncate && !t->target.by_path;
}

/* A file of the trace is as long as the file was: memory behind the end of either must come from
 * an object, which replay makes longer and shorter with the file. What the program stored to such
 * pages of a private mapping the kernel drops, here and there. */
static void mirror_tail(struct recorder *s, struct rtask *t, const struct mapping *m, int fd,
			const struct stat *st)
{
	struct mapping tail = *m;
	struct kernel_mapping *k = &tail.recorded;
	uint64_t size = (uint64_t)st->st_size < k->size ? (uint64_t)st->st_size : k->size;
	uint64_t keep = (size + PAGE - 1) & ~(PAGE - 1);
	if (keep > k->offset) {
		k->start += keep - k->offset;
		k->offset = keep;
	}
	tail.replayed.start = k->start;
	tail.source = SRC_OBJECT;
	tail.object = object_mirror(s, t, fd, st, k->offset, k->offset + (k->end - k->start));
	log_begin(s, t, EV_MEM, 0);
	event_op(&s->ev, OP_MAP)->map = tail;
	log_put(s);
	space_map(&t->mm->space, &tail);
}

static void mirror_tails(struct recorder *s, int fd, const struct stat *st)
{
	size_t i = 0;
	struct rtask *t;
	while ((t = task_next_mm(s, &i))) {
		struct space *sp = &t->mm->space;
		uint64_t end = 0;
		for (const struct mapping *m; (m = space_from(sp, end));) {
			const struct kernel_mapping *k = &m->recorded;
			end = k->end;
			uint64_t size = (uint64_t)st->st_size < k->size ? (uint64_t)st->st_size : k->size;
			uint64_t len = k->end - k->start;
			if (m->source != SRC_FILE || k->flags & MAPF_IMAGE || k->dev != st->st_dev ||
			    k->ino != st->st_ino || k->offset + len <= size ||
			    k->offset + len <= ((size + PAGE - 1) & ~(PAGE - 1)))
				continue;
			mirror_tail(s, t, m, fd, st); /* changes the space */
		}
	}
}

/* What the file is after the call, whose descriptor is `fd` or -1. 0 or -1. */
static int file_now(const struct rtask *t, int fd, struct stat *st)
{
	if (fd >= 0)
		return taskfd_stat((struct rtask *)t, fd, st);
	*st = (struct stat){.st_dev = t->target.dev, .st_ino = t->target.ino, .st_size = (off_t)t->args[1]};
	return 0;
}

/* A call by path has reached another file than the task has seen there before. (The set of files that were
 * mapped, s->mapped, may have one that nobody maps any more, whose inode a new file has now.) */
static void check_target(struct recorder *s, struct rtask *t, const struct stat *st)
{
	const struct target *g = &t->target;
	if (!g->by_path || (g->dev == st->st_dev && g->ino == st->st_ino) ||
	    !counts_file(&s->maps, st->st_dev, st->st_ino))
		return;
	err_set("task %d: the file that %s makes shorter was put in the place of another meanwhile, and "
		"somebody maps it; that cannot be recorded",
		t->tid, sys_name(t->nr));
	rec_fail(s);
}

void filewrite_exit(struct recorder *s, struct rtask *t, int64_t result)
{
	struct stat st;
	uint64_t from, to;
	int fd = written_fd(t, result);
	if (result < 0 || (t->writes == WR_NOTHING && !t->target.by_path))
		return;
	if (t->writes == WR_MEMORY || file_now(t, fd, &st))
		return;
	check_target(s, t, &st);
	if (t->writes != WR_MAPPED)
		return;
	written_range(t, fd, result, &from, &to);
	struct robj *o = object_find(s, st.st_dev, st.st_ino);
	int f = changes_data(t) ? taskfd_open(t, fd, O_RDONLY) : -1;
	if (o) {
		log_begin(s, t, EV_MEM, 0);
		object_size(s, o, (uint64_t)st.st_size);
		if (s->ev.ops.n)
			log_put(s);
		if (f >= 0)
			object_log(s, t, o, f, from, to < (uint64_t)st.st_size ? to : (uint64_t)st.st_size,
				   true);
	}
	mirror_tails(s, f, &st);
	if (f >= 0)
		close(f);
	show_private(s, &st, from, to);
}

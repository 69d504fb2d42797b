/* Calls that change the address space: what the program maps, unmaps, protects and moves. */
#include "record/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "record/kept.h"
#include "record/objects.h"
#include "record/taskfd.h"
#include "base/err.h"
#include "layout.h"
#include "task/remote.h"

#define PAGE 4096ull
#define PAGE_UP(x) (((x) + PAGE - 1) & ~(PAGE - 1))
#define IS_ERROR(r) ((uint64_t)(r) > (uint64_t)-4096)

/* --- mmap --- */

int64_t memory_fix(struct recorder *s, struct rtask *t, int64_t result)
{
	if (sys_row(t->nr)->cls != C_MMAP || !t->aux || IS_ERROR(result))
		return result;
	char name[256];
	remote_one(t->tid, REMOTE_RECORD, SYS_munmap, (uint64_t)result, PAGE_UP(t->args[1]), 0, 0, 0, 0);
	taskfd_name(t, (int)t->args[4], name, sizeof(name));
	if (!s->warned_device)
		say("task %d maps %s, whose memory changes by itself and cannot be recorded: it is told that "
		    "this cannot be mapped (ENODEV)",
		    t->tid, name);
	s->warned_device = true;
	return -ENODEV;
}

/* A file that others may change through us, or change under us. */
static void map_shared_file(struct recorder *s, struct rtask *t, struct mapping *m, const char *path,
			    const struct stat *st)
{
	struct robj *o = object_find(s, st->st_dev, st->st_ino);
	bool known = o && !o->part;
	int f = open(path, O_RDONLY | O_CLOEXEC);
	if (f < 0) {
		err_sys(errno, "task %d: cannot read the file it maps (%s)", t->tid, m->recorded.name);
		rec_fail(s);
		return;
	}
	object_map(s, t, m, f, st);
	o = object_find(s, st->st_dev, st->st_ino);
	if (!known)
		object_convert(s, st, o, f);
	o->part = false;
	close(f);
}

static bool is_writable(struct rtask *t, int fd)
{
	uint64_t pos;
	unsigned flags = 0;
	return !taskfd_info(t, fd, &pos, &flags) && (flags & O_ACCMODE) == O_RDWR;
}

static void map_file(struct recorder *s, struct rtask *t, struct mapping *m, int fd, const struct stat *st)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", t->tid, fd);
	m->recorded.dev = st->st_dev;
	m->recorded.ino = st->st_ino;
	m->recorded.size = (uint64_t)st->st_size;
	memory_note_file(s, st->st_dev, st->st_ino);
	const struct robj *o = object_find(s, st->st_dev, st->st_ino);
	/* Pages of a private mapping that nobody stored to show what others store to shared ones. */
	if (m->recorded.flags & MAPF_SHARED ? o || is_writable(t, fd)
					    : o && !(m->recorded.prot & PROT_EXEC) && object_is_mapped(s, o))
		map_shared_file(s, t, m, path, st);
	else if (kept_store(s, path, st, m))
		rec_fail(s);
	else if (!image_map(s, t, m, path))
		kept_plant_sites(s, t, m, path, st);
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
	if (!(flags & MAP_ANONYMOUS) && taskfd_stat(t, (int)t->args[4], &st)) {
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
			object_size(s, o, k->end - k->start);
		}
	} else {
		k->offset = t->args[5];
		taskfd_name(t, (int)t->args[4], k->name, sizeof(k->name));
		map_file(s, t, &m, (int)t->args[4], &st);
	}
	event_op(&s->ev, OP_MAP)->map = m;
	space_map(&t->mm->space, &m);
	if (k->prot & PROT_EXEC || m.source == SRC_OBJECT)
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
		struct robj *o = object_find(s, m.recorded.dev, m.recorded.ino);
		bool first = !o;
		o = o ? o : object_new(s, m.recorded.dev, m.recorded.ino, t->mm->group);
		m.source = SRC_OBJECT;
		m.object = o->id;
		object_join(s, t, o);
		object_size(s, o, m.recorded.end - m.recorded.start);
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

static void exit_call(struct recorder *s, struct rtask *t, int64_t result)
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
		object_sweep(s);
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
		object_sweep(s);
		exit_shmat(s, t, (uint64_t)result);
		break;
	case C_SHMDT:
		exit_shmdt(s, t);
		break;
	}
}

void memory_exit(struct recorder *s, struct rtask *t, int64_t result)
{
	exit_call(s, t, result);
	fetch_unshut(s, t);
}

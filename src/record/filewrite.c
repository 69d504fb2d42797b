/* Writes to files that somebody maps, and to the memory of tasks through /proc. */
#include "record/session.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The descriptor that the call wrote to, or -1; -2: by path. */
static int written_fd(const struct rtask *t)
{
	switch (t->nr) {
	case SYS_splice:
	case SYS_copy_file_range:
		return (int)t->regs.rdx;
	case SYS_truncate:
		return -2;
	}
	return (int)t->regs.rdi;
}

/* Which part of the file it was: all of it where that is not known. */
static void written_range(struct rtask *t, int fd, int64_t result, uint64_t *from, uint64_t *to)
{
	uint64_t pos = 0, off = 0;
	unsigned flags;
	*from = 0;
	*to = UINT64_MAX;
	switch (t->nr) {
	case SYS_fallocate:
		*from = t->args[2];
		if (!(t->args[1] & (FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_INSERT_RANGE)))
			*to = t->args[2] + t->args[3];
		return;
	case SYS_pwrite64:
	case SYS_pwritev:
	case SYS_pwritev2:
		pos = t->args[3] + (uint64_t)result;
		if (t->args[3] == UINT64_MAX && memory_fd_info(t, fd, &pos, &flags))
			return;
		break;
	case SYS_splice:
	case SYS_copy_file_range:
		if (t->args[3] && mem_read(t->tid, t->args[3], &off, 8) == 8)
			pos = off;
		else if (memory_fd_info(t, fd, &pos, &flags))
			return;
		break;
	case SYS_write:
	case SYS_writev:
	case SYS_sendfile:
		if (memory_fd_info(t, fd, &pos, &flags))
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
		for (size_t j = 0; j < t->mm->space.maps.n; j++) {
			const struct kernel_mapping *k = &t->mm->space.maps.at[j].recorded;
			uint64_t a = from > k->offset ? from - k->offset + k->start : k->start;
			uint64_t b = to < k->offset ? 0 : to - k->offset + k->start;
			b = b > k->end || to == UINT64_MAX ? k->end : b;
			if (t->mm->space.maps.at[j].source != SRC_FILE || k->dev != st->st_dev ||
			    k->ino != st->st_ino || a >= b)
				continue;
			log_begin(s, t, EV_MEM, 0);
			log_memory(s, t, a, b - a, a);
			log_put(s);
		}
	}
}

/* A write to /proc/PID/mem of a recorded task is a write to its memory. */
static void show_memory_file(struct recorder *s, struct rtask *t, int fd, int64_t result)
{
	char name[256], *end;
	uint64_t from, to;
	memory_file_name(t, fd, name, sizeof(name));
	if (strncmp(name, "/proc/", 6))
		return;
	struct rtask *of = task_find(s, (pid_t)strtol(name + 6, &end, 10));
	char *last = strrchr(end, '/');
	if (!of || !last || strcmp(last, "/mem"))
		return;
	written_range(t, fd, result, &from, &to);
	log_begin(s, of, EV_MEM, 0);
	log_memory(s, of, from, to - from, from);
	log_put(s);
}

static void path_of(struct rtask *t, char *out, size_t cap)
{
	char name[256] = "";
	mem_read(t->tid, t->regs.rdi, name, sizeof(name) - 1);
	snprintf(out, cap, "/proc/%d/%s/%s", t->tid, name[0] == '/' ? "root" : "cwd", name);
}

static int stat_target(struct rtask *t, int fd, struct stat *st)
{
	char path[512];
	if (fd != -2)
		return memory_stat_fd(t, fd, st);
	path_of(t, path, sizeof(path));
	return stat(path, st);
}

static bool maps_file(const struct rmm *mm, const struct stat *st)
{
	for (size_t i = 0; i < mm->space.maps.n; i++) {
		const struct kernel_mapping *k = &mm->space.maps.at[i].recorded;
		if (k->ino == st->st_ino && k->dev == st->st_dev)
			return true;
	}
	return false;
}

/* Whoever maps the file sees the write happen: the writer and they are one group from
 * now on, so that none of them runs meanwhile. */
static void join_mappers(struct recorder *s, struct rtask *t, const struct stat *st)
{
	size_t i = 0;
	struct rtask *o;
	while ((o = hmap_next(&s->tasks, &i))) {
		if (o->mm == t->mm || o->mm->group == t->mm->group || !maps_file(o->mm, st))
			continue;
		o->mm->shares = true;
		memory_join_group(s, t->mm, o->mm->group);
	}
}

bool filewrite_start(struct recorder *s, struct rtask *t)
{
	struct stat st;
	t->writes = WR_NOTHING;
	if (!(sys_row(t->nr)->flags & F_WRITES) || stat_target(t, written_fd(t), &st) || !S_ISREG(st.st_mode))
		return false;
	if (!st.st_size)
		t->writes = WR_PROC; /* perhaps: files of /proc have no size */
	if (!hmap_get(&s->mapped, memory_file_key(st.st_dev, st.st_ino)))
		return false;
	t->writes = WR_MAPPED;
	join_mappers(s, t, &st);
	return sched_busy(s, t) || sched_behind(s, t);
}

/* The size is all that truncate changes, and fallocate where it only makes room. */
static bool changes_data(const struct rtask *t)
{
	if (t->nr == SYS_fallocate)
		return t->args[1] & ~(uint64_t)FALLOC_FL_KEEP_SIZE;
	return t->nr != SYS_truncate && t->nr != SYS_ftruncate;
}

void filewrite_exit(struct recorder *s, struct rtask *t, int64_t result)
{
	struct stat st;
	uint64_t from, to;
	int fd = written_fd(t);
	if (t->writes == WR_NOTHING || result < 0)
		return;
	if (t->writes == WR_PROC) {
		if (result > 0 && fd >= 0)
			show_memory_file(s, t, fd, result);
		return;
	}
	if (stat_target(t, fd, &st))
		return;
	written_range(t, fd, result, &from, &to);
	struct robj *o = memory_object(s, st.st_dev, st.st_ino);
	if (o) {
		log_begin(s, t, EV_MEM, 0);
		memory_object_size(s, o, (uint64_t)st.st_size);
		if (s->ev.ops.n)
			log_put(s);
		int f = changes_data(t) ? memory_open_fd(t, fd, O_RDONLY) : -1;
		if (f >= 0) {
			memory_log_object(s, t, o, f, from,
					  to < (uint64_t)st.st_size ? to : (uint64_t)st.st_size, true);
			close(f);
		}
	}
	show_private(s, &st, from, to);
}

/* Calls that write the memory of another process: process_vm_writev, and writes to /proc/PID/mem. Their
 * effect has a moment: the writer becomes part of the target's group, so the target stands at a station,
 * or in a call that blocks, while it happens. */
#include "record/session.h"

#include <ctype.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "record/objects.h"
#include "record/taskfd.h"
#include "task/proc.h"

#define PIECES_MAX 1024 /* UIO_MAXIOV, include/uapi/linux/uio.h */

/* Tasks of other PID namespaces know each other by other numbers. */
static struct rtask *task_named(struct recorder *s, const struct rtask *t, pid_t pid)
{
	pid_t here[PID_LEVELS], ids[PID_LEVELS];
	unsigned depth = proc_pids(t->tid, here);
	size_t i = 0;
	struct rtask *o;
	if (depth <= proc_pids(getpid(), ids))
		return task_find(s, pid);
	while ((o = hmap_next(&s->tasks, &i))) {
		if (proc_pids(o->tid, ids) >= depth && ids[depth - 1] == pid)
			return o;
	}
	return NULL;
}

/* The task whose memory the file at descriptor `fd` is, or NULL. */
static struct rtask *behind_file(struct recorder *s, struct rtask *t, int fd)
{
	char name[256], path[64];
	struct statfs fs;
	taskfd_name(t, fd, name, sizeof(name));
	char *last = strrchr(name, '/');
	if (!last || last == name || strcmp(last, "/mem"))
		return NULL;
	while (last > name && isdigit((unsigned char)last[-1]))
		last--;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", t->tid, fd);
	if (!isdigit((unsigned char)*last) || statfs(path, &fs) || fs.f_type != PROC_SUPER_MAGIC)
		return NULL;
	return task_named(s, t, (pid_t)strtol(last, NULL, 10));
}

/* The task whose memory the call that `t` is about to make writes, or NULL. Files of /proc have no size. */
static struct rtask *written_task(struct recorder *s, struct rtask *t)
{
	const struct target *g = &t->target;
	int64_t nr = (int64_t)t->regs.orig_rax;
	if (sys_row(nr)->cls == C_VMWRITE)
		return task_named(s, t, (pid_t)t->regs.rdi);
	if (sys_row(nr)->cls == C_PTRACE)
		return traced_written(s, t, &t->regs);
	if (!(sys_row(nr)->flags & F_WRITES) || g->by_path || !g->regular || g->size)
		return NULL;
	return behind_file(s, t, (int)t->regs.rdi);
}

bool memwrite_start(struct recorder *s, struct rtask *t)
{
	struct rtask *to = t->writes == WR_MAPPED ? NULL : written_task(s, t);
	if (!to)
		return false;
	t->writes = WR_MEMORY;
	t->writes_to = to->mm;
	if (to->mm == t->mm)
		return false;
	to->mm->shares = true;
	object_join_group(s, t->mm, to->mm->group);
	if (sched_busy(s, t) || sched_behind(s, t))
		return true;
	fetch_written_by_other(to);
	return false;
}

/* Address of the first byte that a write to a memory file wrote. */
static uint64_t file_address(struct rtask *t, int64_t result)
{
	uint64_t pos = 0;
	unsigned flags;
	bool at = t->nr == SYS_pwrite64 || t->nr == SYS_pwritev || t->nr == SYS_pwritev2;
	if (at && t->args[3] != UINT64_MAX)
		return t->args[3];
	return taskfd_info(t, (int)t->args[0], &pos, &flags) ? 0 : pos - (uint64_t)result;
}

static void log_pieces(struct recorder *s, struct rtask *t, struct rtask *to, uint64_t left)
{
	uint64_t n = t->args[4] < PIECES_MAX ? t->args[4] : PIECES_MAX;
	struct iovec *v = xmalloc(n * sizeof(*v) + 1);
	n = mem_read(t->tid, t->args[3], v, n * sizeof(*v)) / sizeof(*v);
	for (uint64_t i = 0; i < n && left; i++) {
		uint64_t len = v[i].iov_len < left ? v[i].iov_len : left;
		log_memory(s, to, (uint64_t)v[i].iov_base, len, (uint64_t)v[i].iov_base);
		left -= len;
	}
	free(v);
}

/* Add what the call wrote to the event being built, which is one of `to`. */
static void log_written(struct recorder *s, struct rtask *t, struct rtask *to, int64_t result)
{
	if (sys_row(t->nr)->cls == C_VMWRITE) {
		log_pieces(s, t, to, (uint64_t)result);
	} else {
		uint64_t at = file_address(t, result);
		log_memory(s, to, at, (uint64_t)result, at);
	}
}

void memwrite_own(struct recorder *s, struct rtask *t, int64_t result)
{
	if (t->writes == WR_MEMORY && t->writes_to == t->mm && result > 0)
		log_written(s, t, t, result);
}

void memwrite_exit(struct recorder *s, struct rtask *t, int64_t result)
{
	size_t i = 0;
	struct rtask *to;
	if (t->writes != WR_MEMORY || t->writes_to == t->mm || result <= 0)
		return;
	while ((to = hmap_next(&s->tasks, &i)) && (to->mm != t->writes_to || to->exit_logged))
		;
	if (!to)
		return; /* nobody is left to see it */
	log_begin(s, to, EV_MEM, 0);
	log_written(s, t, to, result);
	log_put(s);
}

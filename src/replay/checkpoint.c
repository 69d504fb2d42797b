/* Checkpoints: forks of all tasks of a replay, with copies of what they share. The tasks of one are never
 * resumed: to go back there is to fork them once more. */
#include "replay/session.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "layout.h"
#include "task/checksum.h"

struct checkpoint {
	struct replay *of;
	struct state_copy copy;
	struct position here;
	uint64_t done, last_stop;
	unsigned told;
	int32_t current;
};

/* --- shared memory --- */

/* Copy what the file holds; holes stay holes. */
static int copy_content(int from, int to, off_t size)
{
	if (ftruncate(to, size))
		return -1;
	for (off_t at = 0; at < size;) {
		off_t data = lseek(from, at, SEEK_DATA), end;
		if (data < 0)
			return errno == ENXIO ? 0 : -1;
		end = lseek(from, data, SEEK_HOLE);
		off_t in = data, out = data;
		while (in < end) {
			if (copy_file_range(from, &in, to, &out, (size_t)(end - in), 0) <= 0)
				return -1;
		}
		at = end;
	}
	return 0;
}

static int copy_objects(struct hmap *to, const struct hmap *from)
{
	for (size_t i = 0; i < from->cap; i++) {
		const struct pobj *o = from->slot[i].val;
		struct stat st;
		if (!o)
			continue;
		struct pobj *n = xcalloc(1, sizeof(*n));
		n->fd = memfd_create("reprise-object", MFD_CLOEXEC);
		hmap_set(to, from->slot[i].key, n);
		if (n->fd < 0 || fstat(o->fd, &st) || copy_content(o->fd, n->fd, st.st_size))
			return err_sys(errno, "cannot copy shared memory");
	}
	return 0;
}

/* Pages of a private mapping that the task has written, which a new mapping would lose. */
static void keep_written(struct ptask *t, const struct kernel_mapping *k, struct buf *out)
{
	uint8_t page[4096];
	for (uint64_t at = k->start; at < k->end; at += sizeof(page)) {
		if (!page_is_private(t->pid, at) || mem_read(t->pid, at, page, sizeof(page)) != sizeof(page))
			continue;
		buf_put(out, &at, 8);
		buf_put(out, page, sizeof(page));
	}
}

static int put_written(struct ptask *t, const struct buf *pages)
{
	for (size_t i = 0; i < pages->len; i += 8 + 4096) {
		uint64_t at;
		memcpy(&at, pages->data + i, 8);
		if (mem_write(t->pid, at, pages->data + i + 8, 4096))
			return -1;
	}
	return 0;
}

static int map_object(struct ptask *t, const struct mapping *m, const struct pobj *o)
{
	const struct kernel_mapping *k = &m->recorded;
	bool shared = k->flags & MAPF_SHARED;
	struct buf written = {0};
	char path[48];
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", getpid(), o->fd);
	struct remote_call c[] = {
		{SYS_openat, {(uint64_t)AT_FDCWD, RUNTIME_SPARE, O_RDWR | O_CLOEXEC}, 0},
		{SYS_mmap,
		 {k->start, k->end - k->start, k->prot, (shared ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED,
		  RUNTIME_RESULT, k->offset},
		 0},
		{SYS_close, {RUNTIME_RESULT}, 0},
	};
	if (!shared)
		keep_written(t, k, &written);
	int rc = mem_write(t->pid, RUNTIME_SPARE, path, sizeof(path)) ||
		 remote_batch(t->pid, c, 3, REMOTE_REPLAY) || c[1].result != (int64_t)k->start ||
		 put_written(t, &written);
	buf_free(&written);
	return rc ? err_set("cannot map shared memory again at 0x%llx", (unsigned long long)k->start) : 0;
}

/* Let the space of `t` map the new objects. */
static int map_objects(struct ptask *t, const struct hmap *objects)
{
	for (const struct mapping *m = space_first(&t->mm->space); m; m = space_next(&t->mm->space, m)) {
		const struct pobj *o = m->source == SRC_OBJECT ? hmap_get(objects, m->object) : NULL;
		if (o && map_object(t, m, o))
			return -1;
	}
	return 0;
}

/* --- tasks --- */

static struct pmm *copy_mm(const struct pmm *from)
{
	struct pmm *mm = xcalloc(1, sizeof(*mm));
	*mm = *from;
	mm->refs = 0;
	memset(&mm->space, 0, sizeof(mm->space));
	memset(&mm->images, 0, sizeof(mm->images));
	memset(&mm->plants, 0, sizeof(mm->plants));
	memset(&mm->bypasses, 0, sizeof(mm->bypasses));
	memset(&mm->ends, 0, sizeof(mm->ends));
	memset(&mm->guarded, 0, sizeof(mm->guarded));
	memset(&mm->redone, 0, sizeof(mm->redone));
	memset(&mm->to_map, 0, sizeof(mm->to_map));
	mm->plants_gen = mm->guards_gen = 0;
	mm->lifted = false;
	space_copy(&mm->space, &from->space);
	for (size_t i = 0; i < from->images.n; i++)
		*VEC_PUSH(&mm->images) = from->images.at[i];
	for (size_t i = 0; i < from->bypasses.n; i++)
		*VEC_PUSH(&mm->bypasses) = from->bypasses.at[i];
	for (size_t i = 0; i < from->ends.n; i++)
		*VEC_PUSH(&mm->ends) = from->ends.at[i];
	for (size_t i = 0; i < from->redone.n; i++)
		*VEC_PUSH(&mm->redone) = from->redone.at[i];
	for (size_t i = 0; i < from->to_map.n; i++)
		*VEC_PUSH(&mm->to_map) = from->to_map.at[i];
	return mm;
}

struct copying {
	struct state_copy *to;
	struct hmap mms;   /* pmm -> its copy */
	struct hmap procs; /* pproc -> its copy */
	struct hmap made;  /* pmm -> a task of the copy, which can clone others */
};

static uint64_t key(const void *p)
{
	return (uint64_t)p;
}

static int same_state(struct ptask *n, const struct ptask *t)
{
	static uint8_t xstate[XSTATE_MAX];
	regs_t r;
	ssize_t len = pt_xstate(t->pid, xstate, sizeof(xstate));
	if (pt_getregs(t->pid, &r) || len < 0)
		return err_set("lost task %d", t->tid);
	r.orig_rax = (uint64_t)-1;
	if (pt_setregs(n->pid, &r) || pt_set_xstate(n->pid, xstate, (size_t)len))
		return err_set("lost a copy of task %d", t->tid);
	return 0;
}

/* Make a copy of `t`: let task `maker` clone itself so. */
static int make_task(struct copying *c, const struct ptask *t, pid_t maker, uint64_t flags)
{
	int status;
	int64_t pid = remote_one(maker, REMOTE_REPLAY, SYS_clone, flags, 0, 0, 0, 0, 0);
	if (pid < 0)
		return err_sys((int)-pid, "task %d cannot clone", t->tid);
	while (waitpid((pid_t)pid, &status, __WALL) != pid) {
		if (errno != EINTR)
			return err_sys(errno, "lost process %lld", (long long)pid);
	}
	struct ptask *n = xcalloc(1, sizeof(*n));
	*n = *t;
	n->pid = (pid_t)pid;
	n->mm = hmap_get(&c->mms, key(t->mm));
	n->proc = hmap_get(&c->procs, key(t->proc));
	if (!n->mm)
		hmap_set(&c->mms, key(t->mm), n->mm = copy_mm(t->mm));
	if (!n->proc) {
		n->proc = xcalloc(1, sizeof(*n->proc));
		*n->proc = *t->proc;
		n->proc->pid = n->pid;
		n->proc->tasks = 0;
		n->proc->first = NULL;
		hmap_set(&c->procs, key(t->proc), n->proc);
	}
	replay_join(n);
	hmap_set(&c->to->tasks, (uint32_t)n->tid, n);
	if (!hmap_get(&c->made, key(t->mm)))
		hmap_set(&c->made, key(t->mm), n);
	return same_state(n, t);
}

/* The leader of a process, which is there as long as the process is. */
static bool is_leader(const struct ptask *t)
{
	return t->pid == t->proc->pid;
}

static int copy_leader(struct copying *c, const struct ptask *t)
{
	const struct ptask *made = hmap_get(&c->made, key(t->mm));
	return made ? make_task(c, t, made->pid, CLONE_VM | SIGCHLD) : make_task(c, t, t->pid, SIGCHLD);
}

static int copy_thread(struct copying *c, const struct ptask *t)
{
	const struct pproc *p = hmap_get(&c->procs, key(t->proc));
	if (!p)
		return err_set("process %d has no leader", t->proc->tgid);
	return make_task(c, t, p->pid,
			 CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM);
}

static int copy_tasks(struct copying *c, const struct hmap *from)
{
	size_t i = 0;
	const struct ptask *t;
	struct ptask *n;
	while ((t = hmap_next(from, &i))) {
		if (is_leader(t) && copy_leader(c, t))
			return -1;
	}
	for (i = 0; (t = hmap_next(from, &i));) {
		if (!is_leader(t) && copy_thread(c, t))
			return -1;
	}
	/* Clones take the place of whatever their makers were about to do: set that once more. */
	for (i = 0; (t = hmap_next(from, &i));) {
		n = hmap_get(&c->to->tasks, (uint32_t)t->tid);
		if (same_state(n, t))
			return -1;
	}
	for (i = 0; (n = hmap_next(&c->made, &i));) {
		if (map_objects(n, &c->to->objects))
			return -1;
	}
	return 0;
}

void state_free(struct state_copy *c)
{
	struct replay r = {.tasks = c->tasks, .objects = c->objects};
	play_kill_all(&r);
	play_free_objects(&r);
	hmap_free(&r.tasks);
}

static int copy_state(struct state_copy *to, const struct hmap *tasks, const struct hmap *objects)
{
	struct copying c = {.to = to};
	int rc = copy_objects(&to->objects, objects);
	if (!rc)
		rc = copy_tasks(&c, tasks);
	hmap_free(&c.mms);
	hmap_free(&c.procs);
	hmap_free(&c.made);
	if (rc)
		state_free(to);
	return rc;
}

int state_fork(struct replay *s, struct state_copy *to)
{
	size_t i = 0;
	struct ptask *t;
	while ((t = hmap_next(&s->tasks, &i))) {
		points_lift(t);
		if (guards_lift(t))
			return -1;
	}
	return copy_state(to, &s->tasks, &s->objects);
}

/* --- */

struct checkpoint *replay_checkpoint(struct replay *s)
{
	struct checkpoint *c = xcalloc(1, sizeof(*c));
	if (state_fork(s, &c->copy)) {
		free(c);
		return NULL;
	}
	s->checkpoints++;
	c->of = s;
	c->here = s->here;
	c->done = s->done;
	c->last_stop = s->last_stop;
	c->told = s->told;
	c->current = s->current;
	return c;
}

int replay_restore(struct replay *s, const struct checkpoint *c)
{
	struct state_copy now = {0};
	if (copy_state(&now, &c->copy.tasks, &c->copy.objects))
		return -1;
	journey_end(s);
	play_kill_all(s);
	play_free_objects(s);
	hmap_free(&s->tasks);
	s->tasks = now.tasks;
	s->objects = now.objects;
	s->here = c->here;
	s->done = c->done;
	s->last_stop = c->last_stop;
	s->current = c->current;
	s->ev = NULL;
	reader_seek(s->rd, c->done);
	s->told = c->told;
	points_restart(s);
	watch_restart(s);
	return 0;
}

void checkpoint_free(struct checkpoint *c)
{
	if (!c)
		return;
	state_free(&c->copy);
	c->of->checkpoints--;
	free(c);
}

const struct position *checkpoint_position(const struct checkpoint *c)
{
	return &c->here;
}

/* Pages that several processes have count in part for each: so the sum over all is what they take. */
static uint64_t bytes_of(pid_t pid)
{
	char path[48], line[128];
	unsigned long long kb = 0;
	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	FILE *f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Pss: %llu", &kb) == 1)
			break;
	}
	if (f)
		fclose(f);
	return (uint64_t)kb << 10;
}

uint64_t checkpoint_bytes(const struct checkpoint *c)
{
	size_t i = 0;
	uint64_t sum = 0;
	const struct ptask *t;
	const struct pobj *o;
	struct stat st;
	while ((t = hmap_next(&c->copy.tasks, &i)))
		sum += is_leader(t) ? bytes_of(t->pid) : 0;
	for (i = 0; (o = hmap_next(&c->copy.objects, &i));)
		sum += fstat(o->fd, &st) ? 0 : (uint64_t)st.st_blocks * 512;
	return sum;
}

/* Page faults of a process that read nothing from a disk. */
static uint64_t faults_of(pid_t pid)
{
	char path[48], line[512];
	unsigned long long n = 0;
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	FILE *f = fopen(path, "re");
	const char *p = f && fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	if (p)
		sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %llu", &n);
	if (f)
		fclose(f);
	return n;
}

uint64_t replay_touched(const struct replay *s)
{
	size_t i = 0;
	uint64_t sum = 0;
	const struct ptask *t;
	while ((t = hmap_next(&s->tasks, &i)))
		sum += is_leader(t) ? faults_of(t->pid) : 0;
	return sum * 4096;
}

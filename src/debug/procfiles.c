/* Files of /proc about recorded processes. A client must not get those of a process of this machine that
 * happens to have the same number. */
#include "debug/session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"

/* A file of ours with this content, to be read from its start. A descriptor, or -1 and errno. */
static int made_file(const struct buf *b)
{
	int fd = memfd_create("reprise-proc", MFD_CLOEXEC);
	if (fd >= 0 && write_full(fd, b->data, b->len)) {
		close(fd);
		errno = EIO;
		return -1;
	}
	return fd;
}

static void put_maps(struct session *s, int32_t task, struct buf *out)
{
	const struct space *space = replay_space(s->r, task);
	char line[MAPS_LINE];
	for (const struct mapping *m = space ? space_first(space) : NULL; m; m = space_next(space, m)) {
		const struct kernel_mapping *k = &m->recorded;
		if (!(k->flags & MAPF_AREA))
			buf_put(out, line, maps_line(k, k->start, k->end, NULL, line));
	}
}

/* /proc/PID/WHAT or /proc/PID/task/TID/WHAT: a task of that process, 0 if there is none; *what. */
static int32_t parse(struct session *s, const char *name, const char **what)
{
	int pid, tid, at = 0;
	if (sscanf(name, "/proc/%d/task/%d/%n", &pid, &tid, &at) != 2 || !at) {
		at = 0;
		if (sscanf(name, "/proc/%d/%n", &pid, &at) != 1 || !at)
			return 0;
	}
	*what = name + at;
	return procs_task(s, pid);
}

bool proc_is(const char *name)
{
	return !strncmp(name, "/proc/", strlen("/proc/"));
}

int proc_open(struct session *s, const char *name)
{
	const char *what;
	int32_t task = parse(s, name, &what);
	struct buf b = {0};
	if (!task || strcmp(what, "maps")) {
		errno = ENOENT;
		return -1;
	}
	put_maps(s, task, &b);
	int fd = made_file(&b);
	buf_free(&b);
	return fd;
}

const char *proc_link(struct session *s, const char *name)
{
	const char *what;
	struct task_view v;
	int32_t task = parse(s, name, &what);
	return task && !strcmp(what, "exe") && replay_task_view(s->r, task, &v) ? v.exe : NULL;
}

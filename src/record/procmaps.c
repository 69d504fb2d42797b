/* The program sees its own files: when it opens the list of somebody's mappings in /proc,
 * it gets one without the runtime and the images; so it does for other files that tell of us. */
#include "record/session.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "record/taskfd.h"
#include "base/file.h"
#include "layout.h"
#include "task/remote.h"

/* The task whose mappings the file at `path` lists, or NULL. */
static struct rtask *listed(struct recorder *s, const char *path)
{
	static const char *const names[] = {"maps", "smaps", "numa_maps"};
	const char *last = strrchr(path, '/');
	for (size_t i = 0; last && i < ARRAY_LEN(names); i++) {
		if (!strcmp(last + 1, names[i]))
			return procmaps_task(s, path);
	}
	return NULL;
}

/* A line that begins a mapping, kept until it is known whether the next one belongs to it: pages of code may
 * have protections of their own (fetch.c). */
struct line {
	uint64_t start, end; /* 0, 0: there is none */
	char prot[5];
	uint64_t whole;	      /* where the mapping begins of which it may be a part, or 0 */
	char rest[MAPS_LINE]; /* what follows the protection */
};

static void put_line(struct buf *out, struct line *l)
{
	char text[MAPS_LINE + 64];
	if (l->end) {
		int n = snprintf(text, sizeof(text), "%08lx-%08lx %s%s", l->start, l->end, l->prot, l->rest);
		buf_put(out, text, (size_t)n);
	}
	l->end = 0;
}

/* `line` begins a mapping: as it would be without us. False: it cannot be read. */
static bool read_line(const struct rmm *mm, const char *line, struct line *l)
{
	struct kernel_mapping k;
	char text[MAPS_LINE];
	int at = 0;
	if (sscanf(line, "%lx-%lx %4s%n", &l->start, &l->end, l->prot, &at) != 3 || !at)
		return false;
	const struct mapping *m = space_find(&mm->space, l->start);
	snprintf(l->rest, sizeof(l->rest), "%s", line + at);
	l->whole = 0;
	/* Text that an image, or a file of the trace, stands in for: the program's own file. */
	if (m && m->original[0]) {
		maps_line(&m->recorded, l->start, l->end, l->prot, text);
		snprintf(l->rest, sizeof(l->rest), "%s", text + at);
	}
	if (!fetch_code(mm, l->start, &k))
		return true;
	l->whole = k.ino ? k.start : 1; /* anonymous ones are merged */
	l->prot[0] = k.prot & PROT_READ ? 'r' : '-';
	l->prot[1] = k.prot & PROT_WRITE ? 'w' : '-';
	l->prot[2] = k.prot & PROT_EXEC ? 'x' : '-';
	return true;
}

/* In the short list (`list`), parts of one mapping become one line. */
static void put_header(struct buf *out, const struct rmm *mm, const char *line, struct line *last, bool list)
{
	struct line now;
	if (!read_line(mm, line, &now)) {
		put_line(out, last);
		buf_put(out, line, strlen(line));
		return;
	}
	if (list && now.whole && last->whole == now.whole && last->end == now.start &&
	    !strcmp(last->prot, now.prot)) {
		last->end = now.end;
		return;
	}
	put_line(out, last);
	*last = now;
}

static void filter(const struct rmm *mm, FILE *f, bool list, struct buf *out)
{
	struct line last = {0};
	char *line = NULL;
	size_t cap = 0;
	bool hidden = false;
	while (getline(&line, &cap, f) > 0) {
		char *end;
		uint64_t start = strtoull(line, &end, 16);
		bool header = end > line && (*end == '-' || *end == ' ') && line[0] != ' ';
		if (header)
			hidden = own_holds(mm, start);
		if (hidden)
			continue;
		if (header && *end == '-') {
			put_header(out, mm, line, &last, list);
			continue;
		}
		put_line(out, &last);
		buf_put(out, line, strlen(line));
	}
	put_line(out, &last);
	free(line);
}

/* What the program is to find in the file, as a file of ours; -1: the file as it is. */
static int snapshot(struct recorder *s, const char *path)
{
	struct buf out = {0};
	struct rtask *of = listed(s, path);
	FILE *f = of ? fopen(path, "re") : NULL;
	int fd = -1;
	if (f)
		filter(of->mm, f, !strcmp(path + strlen(path) - 5, "/maps"), &out);
	if (f || procstatus_content(s, path, &out) || cpus_content(s, path, &out))
		fd = memfd_create("maps", MFD_CLOEXEC);
	if (fd >= 0 && (write_full(fd, out.data, out.len) || lseek(fd, 0, SEEK_SET))) {
		close(fd);
		fd = -1;
	}
	if (f)
		fclose(f);
	buf_free(&out);
	return fd;
}

void procmaps_open(struct recorder *s, struct rtask *t, int64_t fd)
{
	char path[256];
	uint64_t pos;
	unsigned open_flags;
	if (fd < 0 || (t->nr != SYS_open && t->nr != SYS_openat && t->nr != SYS_openat2))
		return;
	taskfd_name(t, (int)fd, path, sizeof(path));
	int list = snapshot(s, path);
	if (list < 0)
		return;
	if (taskfd_info(t, (int)fd, &pos, &open_flags) || open_flags & (O_ACCMODE | O_PATH)) {
		close(list);
		return;
	}
	uint64_t flags = t->nr == SYS_open ? t->args[1] : t->nr == SYS_openat ? t->args[2] : O_CLOEXEC;
	struct remote_call c[3] = {
		handover_open(t, list),
		{SYS_dup3, {RUNTIME_RESULT, (uint64_t)fd, flags & O_CLOEXEC}, 0},
		{SYS_close, {RUNTIME_RESULT}, 0},
	};
	/* Where the task cannot open it, it sees the list as it is. */
	remote_batch(t->tid, c, 3, REMOTE_RECORD);
	close(list);
}

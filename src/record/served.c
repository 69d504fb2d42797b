/* File systems that recorded processes serve themselves (FUSE, autofs, network file systems of their own),
 * and listeners that let others' file accesses wait (fanotify, frozen file systems): any call that takes a
 * path or a descriptor may wait for a recorded task then, for long and without a way to interrupt it. The
 * runtime must not make such calls, and the recorder must not either: the server may be one that it has
 * stopped. */
#include "record/session.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "record/taskfd.h"
#include "base/err.h"

#define FUSE_DEVICE makedev(10, 229) /* Documentation/admin-guide/devices.txt */

static bool type_at(const struct rtask *t, uint64_t addr)
{
	static const char *const served[] = {"autofs", "9p", "nfs", "nfs4", "cifs", "smb3", "ceph", "coda"};
	char type[16] = "";
	mem_read(t->tid, addr, type, sizeof(type) - 1);
	for (size_t i = 0; i < ARRAY_LEN(served); i++) {
		if (!strcmp(type, served[i]))
			return true;
	}
	return false;
}

static bool begins_to_serve(struct rtask *t, int64_t result)
{
	struct stat st;
	switch (t->nr) {
	case SYS_open:
	case SYS_openat:
	case SYS_openat2:
		return !taskfd_stat(t, (int)result, &st) && S_ISCHR(st.st_mode) && st.st_rdev == FUSE_DEVICE;
	case SYS_fanotify_init:
		return t->args[0] & (FAN_CLASS_CONTENT | FAN_CLASS_PRE_CONTENT);
	case SYS_ioctl:
		return t->args[1] == FIFREEZE;
	case SYS_mount:
		return type_at(t, t->args[2]);
	case SYS_fsopen:
		return type_at(t, t->args[0]);
	}
	return false;
}

void served_note(struct recorder *s, struct rtask *t, int64_t result)
{
	size_t i = 0;
	struct rtask *o;
	if (result < 0 || s->serves || !begins_to_serve(t, result))
		return;
	s->serves = s->unbuffered = true;
	/* Nothing waits for the server before its file system is mounted, by a call that comes later. */
	while ((o = hmap_next(&s->tasks, &i))) {
		if (o->mm->buf)
			o->mm->buf->st->off = 1;
	}
}

/* Is the file at descriptor `fd` one that only a FUSE server can read? statfs would ask that. */
bool served_file(struct recorder *s, struct rtask *t, int fd)
{
	char path[48], *line = NULL;
	struct stat st;
	size_t cap = 0;
	unsigned major, minor;
	bool found = false;
	if (!s->serves || fd < 0 || taskfd_stat(t, fd, &st))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/mountinfo", t->tid);
	FILE *f = fopen(path, "re");
	while (f && !found && getline(&line, &cap, f) > 0) {
		found = sscanf(line, "%*u %*u %u:%u", &major, &minor) == 2 && major == major(st.st_dev) &&
			minor == minor(st.st_dev) && strstr(line, " - fuse");
	}
	free(line);
	if (f)
		fclose(f);
	return found;
}

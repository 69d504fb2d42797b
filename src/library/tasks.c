/* What handlers ask and change of a task. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "library/library.h"
#include "task/fdpath.h"
#include "task/ptrace.h"

pid_t reprise_tid(const struct reprise_task *t)
{
	return tracee_of(t)->tid;
}

pid_t reprise_pid(const struct reprise_task *t)
{
	return tracee_of(t)->tgid;
}

struct task_data *task_data(struct reprise_task *t)
{
	struct tracee *in = tracee_of(t);
	if (!in->data) {
		in->data = xcalloc(1, sizeof(struct task_data));
		hmap_set(&((struct reprise *)in->loop)->data, (uint64_t)in->data, in->data);
	}
	return in->data;
}

void task_data_free(struct reprise *r, struct tracee *t)
{
	struct task_data *d = t->data;
	if (!d)
		return;
	hmap_del(&r->data, (uint64_t)d);
	buf_free(&d->text);
	free(d);
	t->data = NULL;
}

void reprise_set_data(struct reprise_task *t, void *data)
{
	task_data(t)->user = data;
}

void *reprise_data(const struct reprise_task *t)
{
	struct task_data *d = tracee_of(t)->data;
	return d ? d->user : NULL;
}

size_t reprise_read(const struct reprise_task *t, uint64_t addr, void *out, size_t n)
{
	return loop_read(tracee_of(t), addr, out, n);
}

ssize_t reprise_read_string(const struct reprise_task *t, uint64_t addr, char *out, size_t size)
{
	size_t n = 0;
	while (n + 1 < size) {
		/* Up to the end of the page: the next one may not be there. */
		size_t part = 4096 - (addr + n) % 4096, left = size - 1 - n;
		size_t got = loop_read(tracee_of(t), addr + n, out + n, part < left ? part : left);
		size_t len = strnlen(out + n, got);
		n += len;
		if (len < got || !got) {
			out[n] = 0;
			return got ? (ssize_t)n : -1;
		}
	}
	if (size)
		out[n] = 0;
	return (ssize_t)n;
}

int reprise_write(const struct reprise_task *t, uint64_t addr, const void *data, size_t n)
{
	return loop_write(tracee_of(t), addr, data, n);
}

int reprise_regs(const struct reprise_task *t, struct user_regs_struct *out)
{
	return pt_getregs(tracee_of(t)->tid, out);
}

int reprise_set_regs(struct reprise_task *t, const struct user_regs_struct *regs)
{
	return pt_setregs(tracee_of(t)->tid, regs);
}

int64_t reprise_inject(struct reprise_task *t, int64_t nr, const uint64_t args[6])
{
	return loop_inject(tracee_of(t), nr, args);
}

int reprise_fd_path(const struct reprise_task *t, int fd, char *out, size_t size)
{
	return fd_path(tracee_of(t)->tid, fd, out, size) ? 0 : -EBADF;
}

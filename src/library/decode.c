/* What calls mean, from their rows (abi/sysrow.h). */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "abi/print.h"
#include "library/library.h"
#include "task/fdpath.h"

const char *reprise_name(int64_t nr)
{
	return nr >= 0 && nr < SYS_MAX && sys_number(sys_name(nr)) == nr ? sys_name(nr) : NULL;
}

int64_t reprise_number(const char *name)
{
	return sys_number(name);
}

static size_t read_memory(void *ctx, uint64_t addr, bool out, void *to, size_t n)
{
	(void)out;
	return loop_read(ctx, addr, to, n);
}

/* The text begins anew: it is that of the start, or there was none. */
static void decode_start(struct task_data *d, const struct reprise_call *c)
{
	d->how = (struct print_how){.read = read_memory, .ctx = tracee_of(c->task), .sp = c->sp};
	d->text.len = 0;
	print_start(&d->call, &d->how, &d->text, c->nr, c->args);
	d->decoded = true;
	d->start = tracee_of(c->task)->loop->stats.starts;
}

int reprise_decode(const struct reprise_call *c, char *out, size_t size)
{
	struct task_data *d = task_data(c->task);
	if (!c->ended || !d->decoded)
		decode_start(d, c);
	if (!c->ended)
		return snprintf(out, size, "%.*s", (int)d->text.len, (char *)d->text.data);
	size_t known = d->text.len;
	struct printed_call p = d->call;
	print_exit(&p, &d->text, c->result);
	print_call_result(&p, &d->text);
	int n = snprintf(out, size, "%.*s", (int)d->text.len, (char *)d->text.data);
	d->text.len = known; /* another client may ask for the same */
	return n;
}

int reprise_args(int64_t nr)
{
	int n = 0;
	while (n < 6 && sys_row(nr)->args[n].kind != K_NONE)
		n++;
	return n;
}

static enum reprise_arg_kind kind_of(const struct arg_spec *s)
{
	static const enum reprise_arg_kind kinds[] = {
		[K_STR] = REPRISE_STRING,      [K_STRV] = REPRISE_STRINGS,     [K_IN] = REPRISE_IN,
		[K_OUT] = REPRISE_OUT,	       [K_INOUT] = REPRISE_INOUT,      [K_IOV_IN] = REPRISE_VECTOR,
		[K_IOV_OUT] = REPRISE_VECTOR,  [K_MSG_IN] = REPRISE_MESSAGE,   [K_MSG_OUT] = REPRISE_MESSAGE,
		[K_MMSG_IN] = REPRISE_MESSAGE, [K_MMSG_OUT] = REPRISE_MESSAGE,
	};
	if (s->kind == K_STR && s->type == T_PATH)
		return REPRISE_PATH;
	if (s->kind != K_VAL)
		return kinds[s->kind];
	return s->type == T_FD ? REPRISE_FD : s->type == T_ATFD ? REPRISE_DIRFD : REPRISE_VALUE;
}

int reprise_arg(const struct reprise_call *c, int i, struct reprise_arg *out)
{
	struct print_how how = {.read = read_memory, .ctx = tracee_of(c->task)};
	struct printed_call p = {.how = &how, .nr = c->nr, .result = c->ended ? c->result : INT64_MAX};
	if (i < 0 || i >= reprise_args(c->nr))
		return -EINVAL;
	const struct arg_spec *s = &sys_row(c->nr)->args[i];
	memcpy(p.args, c->args, sizeof(p.args));
	*out = (struct reprise_arg){.kind = kind_of(s), .value = c->args[i]};
	if (s->kind == K_IN || s->kind == K_OUT || s->kind == K_INOUT)
		out->size = s->len == LEN_BITS ? (c->args[s->arg] + 63) / 64 * 8 : print_bytes_of(&p, s);
	return 0;
}

/* The directory that the path in argument `i` is relative to. */
static int directory(const struct reprise_call *c, int i, char *out, size_t size)
{
	const struct arg_spec *args = sys_row(c->nr)->args;
	int fd = i > 0 && args[i - 1].kind == K_VAL && args[i - 1].type == T_ATFD ? (int)c->args[i - 1]
										  : AT_FDCWD;
	return reprise_fd_path(c->task, fd, out, size);
}

int reprise_path(const struct reprise_call *c, int i, char *out, size_t size)
{
	char path[PATH_MAX], dir[PATH_MAX] = "";
	struct reprise_arg a;
	int rc = reprise_arg(c, i, &a);
	if (rc)
		return rc;
	if (a.kind == REPRISE_FD || a.kind == REPRISE_DIRFD)
		return reprise_fd_path(c->task, (int)a.value, out, size);
	if (a.kind != REPRISE_PATH)
		return -EINVAL;
	if (reprise_read_string(c->task, a.value, path, sizeof(path)) < 0)
		return -EFAULT;
	if (*path != '/')
		rc = directory(c, i, dir, sizeof(dir));
	if (rc)
		return rc;
	int n = snprintf(out, size, *path == '/' || !*path ? "%s%s" : "%s/%s", dir, path);
	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

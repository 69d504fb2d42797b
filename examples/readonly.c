/* readonly: run a command for which a directory is read-only, as if on a file system that is mounted so.
 *
 *     cc readonly.c $(pkg-config --cflags --libs reprise-interpose) -o readonly
 *     ./readonly DIRECTORY COMMAND [ARGUMENT...]
 *
 * Calls that change files are looked at; those that would change something below the directory fail with
 * EROFS, and are not made. Reading and writing of open files costs nothing: a file must be opened for writing
 * first. This keeps programs from accidents, not attackers from attacks: another thread could change
 * a path between our look and the kernel's. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <reprise/interpose.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static const char changing[] =
	"open,openat,openat2,creat,truncate,mkdir,mkdirat,mknod,mknodat,rmdir,unlink,unlinkat,"
	"rename,renameat,renameat2,link,linkat,symlink,symlinkat,chmod,fchmod,fchmodat,chown,lchown,fchown,"
	"fchownat,utime,utimes,futimesat,utimensat,setxattr,lsetxattr,fsetxattr,removexattr,lremovexattr,"
	"fremovexattr";

/* Is the file at `path` below `dir`? Links on the way to it are followed; it need not exist itself. */
static int below(const char *dir, char *path)
{
	char real[PATH_MAX], *name = strrchr(path, '/');
	size_t n = strlen(dir);
	if (!realpath(path, real)) {
		*name = 0;
		if (!realpath(*path ? path : "/", real))
			return 0; /* then the call fails as well */
	}
	return !strncmp(real, dir, n) && (real[n] == '/' || !real[n]);
}

/* Does it open a file, and only to read? */
static int only_reads(const struct reprise_call *call)
{
	uint64_t flags = call->nr == SYS_open ? call->args[1] : call->args[2];
	if (call->nr == SYS_openat2 && reprise_read(call->task, call->args[2], &flags, 8) != 8)
		return 1;
	if (call->nr != SYS_open && call->nr != SYS_openat && call->nr != SYS_openat2)
		return 0;
	return (flags & O_PATH) || ((flags & O_ACCMODE) == O_RDONLY && !(flags & (O_CREAT | O_TRUNC)));
}

static enum reprise_disposition start(void *state, struct reprise_call *call)
{
	char path[PATH_MAX];
	struct reprise_arg arg;
	if (only_reads(call))
		return REPRISE_RUN;
	for (int i = 0; i < reprise_args(call->nr); i++) {
		reprise_arg(call, i, &arg);
		if (arg.kind != REPRISE_PATH && arg.kind != REPRISE_FD)
			continue;
		if (!reprise_path(call, i, path, sizeof(path)) && *path == '/' && below(state, path)) {
			call->result = -EROFS;
			return REPRISE_SKIP;
		}
	}
	return REPRISE_RUN;
}

int main(int argc, char **argv)
{
	struct reprise_handlers handlers = {.size = sizeof(handlers), .start = start};
	char *dir = argc > 2 ? realpath(argv[1], NULL) : NULL;
	if (!dir)
		return fprintf(stderr, "usage: readonly DIRECTORY COMMAND [ARGUMENT...]\n"), 125;

	struct reprise *r = reprise_new(0);
	struct reprise_client *c = reprise_add(r, &handlers, dir);
	if (reprise_want(c, changing) || reprise_start(r, argv + 2, NULL, NULL) < 0 || reprise_run(r)) {
		fprintf(stderr, "readonly: %s\n", reprise_error(r));
		return 125;
	}
	int status = reprise_status(r);
	reprise_free(r);
	free(dir);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

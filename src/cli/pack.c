/* reprise pack: a trace that has nothing in common with others. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "trace/meta.h"
#include "trace/reader.h"
#include "trace/sharedfiles.h"
#include "trace/store.h"

typedef VEC(char *) name_list;

static error_t pack_parse(int key, char *arg, struct argp_state *state)
{
	name_list *names = state->input;
	if (key == ARGP_KEY_ARG)
		*VEC_PUSH(names) = arg;
	else if (key != ARGP_KEY_END)
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_option pack_options[] = {{0}};

const struct argp pack_argp = {
	pack_options,
	pack_parse,
	"[TRACE...]",
	"Make recordings (the last one) stand alone: their directories then hold all that they need, "
	"and share no file with other recordings. Such a directory can be moved to another machine.\v"
	"A recording shares the programs and libraries that it ran with others as hard links. Copying "
	"its directory makes whole files of them too; 'reprise pack' also checks that they are all "
	"there and undamaged.",
	NULL,
	NULL,
	NULL};

/* The file gets a copy of its own in the place of what it shares. */
static int unshare(const char *dir, const char *hash)
{
	struct stat st;
	int fd = store_open(dir, hash, true), rc = -1;
	if (fd < 0)
		return -1;
	if (fstat(fd, &st))
		err_set("cannot look at %s/files/%s", dir, hash);
	else
		rc = st.st_nlink == 1 ? 0 : store_copy(dir, fd, (uint64_t)st.st_size, hash);
	close(fd);
	return rc;
}

static int check_file(const char *dir, const char *hash, const char *what)
{
	return store_has(dir, hash) ? 0
				    : err_set("the trace is damaged: %s/files/%s, which is %s, is not there",
					      dir, hash, what);
}

static int check_op(const char *dir, const struct ev_op *op)
{
	const struct mapping *m = &op->map;
	if (op->op != OP_MAP || m->source != SRC_FILE)
		return 0;
	return check_file(dir, m->hash, m->recorded.name) ||
	       (m->original[0] && check_file(dir, m->original, m->recorded.name));
}

/* Every file that an event needs must be there. */
static int check_events(const char *dir)
{
	struct trace_reader *rd = reader_open(dir);
	struct event *ev;
	int rc = rd ? 1 : -1;
	while (rc == 1 && (rc = reader_next(rd, &ev)) == 1) {
		for (size_t i = 0; i < ev->ops.n && rc == 1; i++)
			rc = check_op(dir, &ev->ops.at[i]) ? -1 : 1;
	}
	if (rd)
		reader_close(rd);
	return rc;
}

static int pack(const char *name)
{
	char *dir = traces_find(name);
	char *files = dir ? xasprintf("%s/files", dir) : NULL;
	int rc = dir ? check_events(dir) : -1;
	DIR *d = rc ? NULL : opendir(files);
	struct dirent *e;
	if (!rc && !d)
		rc = err_set("%s is not a trace", dir);
	while (!rc && (e = readdir(d))) {
		if (strlen(e->d_name) == 32)
			rc = unshare(dir, e->d_name);
	}
	if (d)
		closedir(d);
	free(files);
	free(dir);
	return rc;
}

int cmd_pack(int argc, char **argv)
{
	name_list names = {0};
	int bad = 0;
	cli_parse(&pack_argp, argc, argv, &names);
	if (!names.n)
		*VEC_PUSH(&names) = NULL;
	for (size_t i = 0; i < names.n; i++) {
		if (pack(names.at[i])) {
			say("%s", err_msg());
			bad = EXIT_TROUBLE;
		}
	}
	char *base = traces_dir();
	shared_sweep(base);
	free(base);
	VEC_FREE(&names);
	return bad;
}

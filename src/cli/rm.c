#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "trace/meta.h"
#include "trace/sharedfiles.h"

struct rm_input {
	VEC(char *) names;
	bool all;
};

static const struct argp_option rm_options[] = {
	{"all", 'a', NULL, 0, "Remove all recordings in the directory of traces", 0},
	{0},
};

static error_t rm_parse(int key, char *arg, struct argp_state *state)
{
	struct rm_input *in = state->input;
	if (key == 'a')
		in->all = true;
	else if (key == ARGP_KEY_ARG)
		*VEC_PUSH(&in->names) = arg;
	else if (key == ARGP_KEY_END && !in->names.n && !in->all)
		argp_error(state, "which recordings? Give names, or --all");
	else if (key != ARGP_KEY_END)
		return ARGP_ERR_UNKNOWN;
	return 0;
}

const struct argp rm_argp = {rm_options, rm_parse, "TRACE...", "Remove recordings.", NULL, NULL, NULL};

/* Remove only what is a trace: the header must be there. */
static int remove_trace(const char *name)
{
	char *dir = traces_find(name);
	if (!dir)
		return -1;
	char *header = xasprintf("%s/header", dir), *events = xasprintf("%s/events", dir);
	FILE *a = fopen(header, "re"), *b = fopen(events, "re");
	int rc = a && b ? rm_r(dir) : err_set("%s is not a trace", dir);
	if (a)
		fclose(a);
	if (b)
		fclose(b);
	free(header);
	free(events);
	free(dir);
	return rc;
}

int cmd_rm(int argc, char **argv)
{
	struct rm_input in = {0};
	int bad = 0;
	cli_parse(&rm_argp, argc, argv, &in);
	char *base = traces_dir();
	struct dirent **e;
	int n = in.all ? scandir(base, &e, cli_is_trace, versionsort) : 0;
	for (int i = 0; i < n; i++) {
		char *path = xasprintf("%s/%s", base, e[i]->d_name);
		*VEC_PUSH(&in.names) = path;
	}
	for (size_t i = 0; i < in.names.n; i++) {
		if (remove_trace(in.names.at[i])) {
			say("%s", err_msg());
			bad = EXIT_TROUBLE;
		}
	}
	shared_sweep(base);
	free(base);
	return bad;
}

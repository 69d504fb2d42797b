#include <dirent.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "trace/meta.h"
#include "trace/reader.h"

static const struct argp_option ls_options[] = {
	{"json", 'j', NULL, 0, "One JSON object a line", 0},
	{0},
};

static error_t ls_parse(int key, char *arg, struct argp_state *state)
{
	bool *json = state->input;
	if (key == 'j')
		*json = true;
	else if (key == ARGP_KEY_ARG)
		argp_error(state, "'%s'? ls takes no arguments", arg);
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

const struct argp ls_argp = {
	ls_options,
	ls_parse,
	NULL,
	"List the recordings, oldest name first.\v"
	"Of the size of a recording the first number is what it takes by itself and what removing it "
	"frees; the rest are programs and libraries that it shares with other recordings.",
	NULL,
	NULL,
	NULL};

static char *join(char **argv)
{
	struct buf b = {0};
	for (size_t i = 0; argv[i]; i++) {
		if (i)
			buf_u8(&b, ' ');
		buf_put(&b, argv[i], strlen(argv[i]));
	}
	buf_u8(&b, 0);
	return (char *)b.data;
}

static void show(const char *base, const char *name, bool json)
{
	char *dir = xasprintf("%s/%s", base, name);
	struct trace_reader *rd = reader_open(dir);
	struct trace_meta m = {0};
	uint64_t own = tree_own_size(dir), all = tree_size(dir);
	if (rd && !meta_from_json(&m, reader_json(rd))) {
		char *command = join(m.argv);
		if (json) {
			json_object *o = json_object_new_object();
			json_object_object_add(o, "name", json_object_new_string(name));
			json_object_object_add(o, "path", json_object_new_string(dir));
			json_object_object_add(o, "time", json_object_new_string(m.time));
			json_object_object_add(o, "bytes", json_object_new_int64((int64_t)all));
			json_object_object_add(o, "own_bytes", json_object_new_int64((int64_t)own));
			json_object_object_add(o, "command", json_object_new_string(command));
			puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
			json_object_put(o);
		} else {
			printf("%-24s %s %8.1f of %6.1f MB  %s\n", name, m.time, (double)own / 1e6,
			       (double)all / 1e6, command);
		}
		free(command);
	} else if (!json) {
		printf("%-24s %s\n", name, err_msg());
	}
	meta_free(&m);
	if (rd)
		reader_close(rd);
	free(dir);
}

int cmd_ls(int argc, char **argv)
{
	bool json = false;
	cli_parse(&ls_argp, argc, argv, &json);
	char *base = traces_dir();
	struct dirent **e;
	int n = scandir(base, &e, cli_is_trace, versionsort);
	for (int i = 0; i < n; i++) {
		show(base, e[i]->d_name, json);
		free(e[i]);
	}
	if (n >= 0)
		free(e);
	if (n <= 0 && !json)
		printf("no recordings in %s\n", base);
	free(base);
	return 0;
}

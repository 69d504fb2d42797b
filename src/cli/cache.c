/* reprise cache: the instrumented images that recording keeps. */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/err.h"
#include "cli/cli.h"
#include "rewrite/cache.h"
#include "trace/meta.h"
#include "trace/sharedfiles.h"

struct cache_input {
	bool clear, json;
};

static const struct argp_option cache_options[] = {
	{"clear", 'c', NULL, 0, "Remove all images; they are made again when needed", 0},
	{"json", 'j', NULL, 0, "Print JSON", 0},
	{0},
};

static error_t cache_parse(int key, char *arg, struct argp_state *state)
{
	struct cache_input *in = state->input;
	(void)arg;
	if (key == 'c')
		in->clear = true;
	else if (key == 'j')
		in->json = true;
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

const struct argp cache_argp = {
	cache_options,
	cache_parse,
	"",
	"Show or clear the cache of instrumented images. Recording a program for the first time makes "
	"images of its executable and libraries; later recordings use them.",
	NULL,
	NULL,
	NULL};

static void print_json(const char *dir, const cache_list *l, uint64_t total)
{
	struct json_object *o = json_object_new_object(), *a = json_object_new_array();
	json_object_object_add(o, "directory", json_object_new_string(dir));
	json_object_object_add(o, "bytes", json_object_new_int64((int64_t)total));
	json_object_object_add(o, "limit", json_object_new_int64((int64_t)CACHE_LIMIT));
	for (size_t i = 0; i < l->n; i++) {
		struct json_object *e = json_object_new_object();
		json_object_object_add(e, "name", json_object_new_string(l->at[i].name));
		json_object_object_add(e, "bytes", json_object_new_int64((int64_t)l->at[i].size));
		json_object_object_add(e, "used", json_object_new_int64(l->at[i].used));
		json_object_array_add(a, e);
	}
	json_object_object_add(o, "images", a);
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
}

static void print_text(const char *dir, const cache_list *l, uint64_t total)
{
	for (size_t i = 0; i < l->n; i++) {
		char when[32];
		struct tm tm;
		time_t used = (time_t)l->at[i].used;
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M", localtime_r(&used, &tm));
		printf("%8.1f MB  %s  %s\n", (double)l->at[i].size / 1e6, when, l->at[i].name);
	}
	printf("%zu files, %.1f MB of at most %.0f MB in %s\n", l->n, (double)total / 1e6,
	       (double)CACHE_LIMIT / 1e6, dir);
}

int cmd_cache(int argc, char **argv)
{
	struct cache_input in = {0};
	cache_list l = {0};
	uint64_t total = 0;
	cli_parse(&cache_argp, argc, argv, &in);
	char *dir = cache_dir();
	if (in.clear)
		printf("%.1f MB removed from %s\n", (double)cache_trim(0) / 1e6, dir);
	char *base = traces_dir();
	if (in.clear)
		shared_sweep(base);
	free(base);
	cache_read(&l);
	for (size_t i = 0; i < l.n; i++)
		total += l.at[i].size;
	if (in.json)
		print_json(dir, &l, total);
	else if (!in.clear)
		print_text(dir, &l, total);
	VEC_FREE(&l);
	free(dir);
	return 0;
}

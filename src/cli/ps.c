#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "abi/print.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "trace/meta.h"
#include "trace/reader.h"

struct input {
	const char *name;
	bool json;
};

static const struct argp_option options[] = {
	{"json", 'j', NULL, 0, "One JSON object a line", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct input *in = state->input;
	switch (key) {
	case 'j':
		in->json = true;
		break;
	case ARGP_KEY_ARG:
		in->name = arg;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

const struct argp ps_argp = {
	options,   parse,
	"[TRACE]", "Show the processes of a recording; replay -p PID replays or debugs one alone.",
	NULL,	   NULL,
	NULL};

/* A process of the recording. */
struct row {
	int32_t pid, parent;
	uint32_t group;
	unsigned threads;
	int status;
	bool ended;
	char *command; /* words divided by blanks; owned */
};

struct table {
	VEC(struct row) rows;
	struct hmap process; /* tid -> row index + 1 */
};

static struct row *row_of(struct table *t, int32_t tid)
{
	void *i = hmap_get(&t->process, (uint32_t)tid);
	return i ? &t->rows.at[(size_t)i - 1] : NULL;
}

static struct row *add_row(struct table *t, int32_t pid, int32_t parent, uint32_t group)
{
	struct row *r = VEC_PUSH(&t->rows);
	r->pid = pid;
	r->parent = parent;
	r->group = group;
	r->threads = 1;
	hmap_set(&t->process, (uint32_t)pid, (void *)t->rows.n);
	return r;
}

static char *command_text(const struct event *ev)
{
	char *s = xmalloc(ev->blob_len + 1);
	size_t n = ev->blob_len;
	while (n && !ev->blob[n - 1])
		n--;
	for (size_t i = 0; i < n; i++)
		s[i] = ev->blob[i] >= 32 ? (char)ev->blob[i] : ' ';
	s[n] = 0;
	return s;
}

static void on_fork(struct table *t, const struct event *ev)
{
	struct row *parent = row_of(t, ev->tid);
	if (!parent)
		return;
	if (!ev->arg[1]) {
		parent->threads++;
		hmap_set(&t->process, (uint32_t)ev->arg[0], hmap_get(&t->process, (uint32_t)ev->tid));
		return;
	}
	char *command = parent->command;
	int32_t ppid = parent->pid;
	add_row(t, (int32_t)ev->arg[0], ppid, (uint32_t)ev->arg[3])->command =
		xstrdup(command ? command : "");
}

static void on_event(struct table *t, const struct event *ev)
{
	struct row *r;
	switch (ev->kind) {
	case EV_START:
		add_row(t, ev->tid, 0, ev->group);
		break;
	case EV_FORK:
		on_fork(t, ev);
		break;
	case EV_EXEC:
		r = row_of(t, ev->tid);
		if (!r)
			break;
		free(r->command);
		r->command = command_text(ev);
		r->group = ev->group;
		break;
	case EV_TASK_EXIT:
		r = row_of(t, ev->tid);
		if (r && ev->arg[0]) {
			r->ended = true;
			r->status = (int)ev->code;
		}
		break;
	}
}

static void show_json(const struct row *r)
{
	json_object *o = json_object_new_object();
	json_object_object_add(o, "pid", json_object_new_int(r->pid));
	json_object_object_add(o, "parent", json_object_new_int(r->parent));
	json_object_object_add(o, "group", json_object_new_int64(r->group));
	json_object_object_add(o, "threads", json_object_new_int((int)r->threads));
	json_object_object_add(o, "command", json_object_new_string(r->command ? r->command : ""));
	if (r->ended && WIFSIGNALED(r->status))
		json_object_object_add(o, "signal", json_object_new_int(WTERMSIG(r->status)));
	else if (r->ended)
		json_object_object_add(o, "exit", json_object_new_int(WEXITSTATUS(r->status)));
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
}

static void show_text(const struct row *r)
{
	char end[32] = "-";
	if (r->ended && WIFSIGNALED(r->status))
		snprintf(end, sizeof(end), "%s", signal_name(WTERMSIG(r->status)));
	else if (r->ended)
		snprintf(end, sizeof(end), "%d", WEXITSTATUS(r->status));
	printf("%7d %7d %6u %7u  %-8s %s\n", r->pid, r->parent, r->group, r->threads, end,
	       r->command ? r->command : "");
}

static int list(struct trace_reader *rd, bool json)
{
	struct table t = {0};
	struct event *ev;
	int rc;
	while ((rc = reader_next(rd, &ev)) == 1)
		on_event(&t, ev);
	if (!json)
		puts("    PID    PPID  GROUP THREADS  EXIT     COMMAND");
	for (size_t i = 0; i < t.rows.n; i++) {
		if (json)
			show_json(&t.rows.at[i]);
		else
			show_text(&t.rows.at[i]);
		free(t.rows.at[i].command);
	}
	VEC_FREE(&t.rows);
	hmap_free(&t.process);
	fflush(stdout);
	if (rc == 0 && reader_cut(rd))
		say("the recording was cut short; '-' marks processes that were still there");
	return rc;
}

int cmd_ps(int argc, char **argv)
{
	struct input in = {0};
	cli_parse(&ps_argp, argc, argv, &in);
	char *dir = traces_find(in.name);
	struct trace_reader *rd = dir ? reader_open(dir) : NULL;
	int rc = rd ? list(rd, in.json) : -1;
	if (rc)
		say("%s", err_msg());
	if (rd)
		reader_close(rd);
	free(dir);
	return rc ? EXIT_TROUBLE : 0;
}

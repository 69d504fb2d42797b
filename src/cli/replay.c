#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "replay/replay.h"
#include "trace/meta.h"

struct input {
	struct replay_options opt;
	const char *name;
	bool all;
	VEC(struct position) to;
};

static const struct argp_option options[] = {
	{"autopilot", 'a', NULL, 0, "Replay everything without a debugger", 0},
	{"to", 't', "EVENT[:TICKS]", 0,
	 "Stop after EVENT, or TICKS safepoints later, and show the registers and a checksum of memory; "
	 "may be given several times. TICKS goes up to what dump shows beside the next event",
	 0},
	{"quiet", 'q', NULL, 0, "Do not write what the program wrote", 0},
	{"verify", 'v', NULL, 0, "Insist on the memory checksums of record --verify", 0},
	{"stats", 's', NULL, 0, "Print counts of events and stops at the end", 0},
	{0},
};

static void add_position(struct argp_state *state, struct input *in, const char *arg)
{
	char *end;
	struct position p = {.event = strtoull(arg, &end, 10)};
	if (end > arg && *end == ':' && end[1])
		p.ticks = strtoull(end + 1, &end, 10);
	if (end == arg || *end || !p.event)
		argp_error(state, "--to wants EVENT or EVENT:TICKS, as 'reprise dump' shows them, not '%s'",
			   arg);
	*VEC_PUSH(&in->to) = p;
}

static int by_position(const void *a, const void *b)
{
	const struct position *x = a, *y = b;
	if (x->event != y->event)
		return x->event < y->event ? -1 : 1;
	return (x->ticks > y->ticks) - (x->ticks < y->ticks);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct input *in = state->input;
	switch (key) {
	case 'a':
		in->all = true;
		break;
	case 't':
		add_position(state, in, arg);
		break;
	case 'q':
		in->opt.quiet = true;
		break;
	case 'v':
		in->opt.verify = true;
		break;
	case 's':
		in->opt.stats = true;
		break;
	case ARGP_KEY_ARG:
		if (in->name)
			argp_error(state, "one trace at a time");
		in->name = arg;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

const struct argp replay_argp = {
	options,
	parse,
	"[TRACE]",
	"Replay a recording: TRACE, a directory or a name that 'reprise ls' shows, or the latest.\v"
	"What the program wrote to its standard output and error is written again. The exit status "
	"is the recorded one, or 125 when the replay fails.",
	NULL,
	NULL,
	NULL};

int cmd_replay(int argc, char **argv)
{
	struct input in = {0};
	cli_parse(&replay_argp, argc, argv, &in);
	if (!in.all) {
		say("this version replays without a debugger only: use reprise replay -a");
		return EXIT_TROUBLE;
	}
	char *dir = traces_find(in.name);
	if (!dir) {
		say("%s", err_msg());
		return EXIT_TROUBLE;
	}
	in.opt.dir = dir;
	if (in.to.n)
		qsort(in.to.at, in.to.n, sizeof(*in.to.at), by_position);
	in.opt.positions = in.to.at;
	in.opt.npositions = in.to.n;
	in.opt.progress = isatty(2);
	int code = replay_run(&in.opt);
	VEC_FREE(&in.to);
	free(dir);
	return code;
}

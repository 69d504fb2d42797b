#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/cli.h"
#include "replay/replay.h"
#include "trace/meta.h"

struct input {
	struct replay_options opt;
	const char *name;
	bool all;
};

static const struct argp_option options[] = {
	{"autopilot", 'a', NULL, 0, "Replay everything without a debugger", 0},
	{"quiet", 'q', NULL, 0, "Do not write what the program wrote", 0},
	{"verify", 'v', NULL, 0, "Insist on the memory checksums of record --verify", 0},
	{"stats", 's', NULL, 0, "Print counts of events and stops at the end", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct input *in = state->input;
	switch (key) {
	case 'a':
		in->all = true;
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
	in.opt.progress = isatty(2);
	int code = replay_run(&in.opt);
	free(dir);
	return code;
}

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "cli/autopilot.h"
#include "cli/cli.h"
#include "cli/debug.h"
#include "trace/meta.h"

struct input {
	struct autopilot opt;
	struct debug_options debug;
	const char *name;
	bool all;
	struct process_choice process;
	VEC(struct position) to;
};

static const struct argp_option options[] = {
	{"autopilot", 'a', NULL, 0, "Replay everything without a debugger", 0},
	{"to", 't', "EVENT[:TICKS]", 0,
	 "Stop after EVENT, or TICKS safepoints later, and show the registers and a checksum of memory; "
	 "may be given several times. TICKS goes up to what dump shows beside the next event",
	 0},
	{"onprocess", 'p', "PID|NAME", 0,
	 "Replay this process alone, from its last exec on: by the number that 'reprise ps' shows, or the "
	 "first "
	 "one whose program has this name",
	 0},
	{"onfork", 'f', "PID", 0, "The same for a process that executes no program, from where it is forked",
	 0},
	{"position", 'e', "POSITION", 0,
	 "Begin there in the debugger: a position as 'when' shows it, N%, SECONDSs, a time of day HH:MM:SS, "
	 "or a "
	 "bookmark",
	 0},
	{"goto", 'g', "POSITION", 0, "The same", 0},
	{"server", 's', "PORT", 0,
	 "Serve any debugger that speaks gdb's protocol on this port of the loopback "
	 "interface (0: one that is free), in place of starting gdb. It ends when the debugger has gone",
	 0},
	{"keep-listening", 'k', NULL, 0,
	 "With --server: when a debugger has gone, wait for the next one, which begins at the start again",
	 0},
	{"host", 'h', "ADDRESS", 0, "With --server: listen on this address, for every user that reaches it",
	 0},
	{"gdb", 'd', "PROGRAM", 0, "The gdb to start", 0},
	{"gdb-x", 'x', "FILE", 0, "Let gdb execute the commands in FILE at its start", 0},
	{"checkpoint-memory", 'm', "MB", 0, "Memory that checkpoints may take; 1024 unless given", 0},
	{"quiet", 'q', NULL, 0, "Do not write what the program wrote", 0},
	{"mark-stdio", 'M', NULL, 0,
	 "Put [reprise PID EVENT] before what each system call wrote to the program's output", 0},
	{"verify", 'v', NULL, 0, "Insist on the memory checksums of record --verify", 0},
	{"stats", 'S', NULL, 0, "Print counts of events and stops at the end", 0},
	{0},
};

static void add_position(struct argp_state *state, struct input *in, const char *arg)
{
	struct position p;
	if (position_parse(arg, &p) || !p.event)
		argp_error(state, "--to wants EVENT or EVENT:TICKS, as 'reprise dump' shows them, not '%s'",
			   arg);
	*VEC_PUSH(&in->to) = p;
}

static int by_position(const void *a, const void *b)
{
	bool known;
	return position_compare(a, b, &known);
}

/* Is this argument behind `--`? Those are gdb's. */
static bool after_dashes(const struct argp_state *state)
{
	return state->quoted && state->next - 1 >= state->quoted;
}

static uint64_t get_number(struct argp_state *state, const char *arg, const char *option, uint64_t max)
{
	char *end;
	unsigned long long n = strtoull(arg, &end, 10);
	if (end == arg || *end || !n || n > max)
		argp_error(state, "%s wants a number from 1 to %llu, not '%s'", option,
			   (unsigned long long)max, arg);
	return n;
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
	case 'p':
		in->process = (struct process_choice){0};
		if (arg[strspn(arg, "0123456789")])
			in->process.name = arg;
		else
			in->process.pid = (int32_t)get_number(state, arg, "--onprocess", INT32_MAX);
		break;
	case 'f':
		in->process = (struct process_choice){
			.forked = (int32_t)get_number(state, arg, "--onfork", INT32_MAX)};
		break;
	case 's':
		in->debug.serve = true;
		in->debug.port = strcmp(arg, "0") ? (int)get_number(state, arg, "--server", 65535) : 0;
		break;
	case 'k':
		in->debug.keep = true;
		break;
	case 'h':
		in->debug.host = arg;
		break;
	case 'd':
		in->debug.gdb = arg;
		break;
	case 'x':
		in->debug.script = arg;
		break;
	case 'm':
		in->debug.server.checkpoint_bytes = get_number(state, arg, "--checkpoint-memory", 1u << 30)
						    << 20;
		break;
	case 'M':
		in->opt.mark = true;
		break;
	case 'e':
	case 'g':
		in->debug.server.position = arg;
		break;
	case 'v':
		in->opt.verify = true;
		break;
	case 'S':
		in->opt.stats = true;
		break;
	case ARGP_KEY_ARG:
		if (after_dashes(state)) {
			in->debug.gdb_args = &state->argv[state->next - 1];
			state->next = state->argc;
			break;
		}
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
	"[TRACE] [-- GDB ARGS...]",
	"Debug a recording with gdb, forwards and backwards, or replay all of it (-a): TRACE, a directory or "
	"a name that 'reprise ls' shows, or the latest.\v"
	"What the program wrote to its standard output and error is written again. The exit status "
	"is the recorded one, or 125 when the replay fails.",
	NULL,
	NULL,
	NULL};

int cmd_replay(int argc, char **argv)
{
	struct input in = {0};
	cli_parse(&replay_argp, argc, argv, &in);
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
	if (in.process.pid || in.process.name || in.process.forked)
		in.opt.process = in.debug.server.process = &in.process;
	in.debug.server.dir = dir;
	in.debug.server.quiet = in.opt.quiet;
	in.debug.server.mark = in.opt.mark;
	in.debug.server.progress = in.opt.progress;
	int code = in.all || in.to.n ? autopilot_run(&in.opt) : debug_run(&in.debug);
	VEC_FREE(&in.to);
	free(dir);
	return code;
}

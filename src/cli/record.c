#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "cli/cli.h"
#include "record/record.h"

static const struct argp_option options[] = {
	{"output", 'o', "DIR", 0, "Write the trace to DIR, which must be new or empty", 0},
	{"stats", 's', NULL, 0, "Print counts of stops, calls and events at the end", 0},
	{"no-buffer", 'n', NULL, 0,
	 "Stop at every system call: slower, for a program that does not get on with "
	 "the code that Reprise adds to it",
	 0},
	{"slice", 'S', "MS", 0, "Let a thread run for MS milliseconds (10) while others wait", 0},
	{"chaos", 'c', "SEED", OPTION_ARG_OPTIONAL,
	 "Choose slices, priorities and the order of threads at random, so that bugs that depend on "
	 "them show; SEED makes the choices the same as last time, as far as the program's timing lets them",
	 0},
	{"cores", 'C', "N", 0, "Let the program believe that the machine has N processors", 0},
	{"wait", 'w', NULL, 0, "Record until the last process has ended, not just the first", 0},
	{"verify", 'v', "N", OPTION_ARG_OPTIONAL,
	 "Keep a checksum of memory every N events (1000) and at each exit of a thread, which replay "
	 "compares",
	 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct record_options *o = state->input;
	char *end;
	switch (key) {
	case 'o':
		o->dir = arg;
		break;
	case 'n':
		o->no_buffer = true;
		break;
	case 'S':
		o->slice_ms = strtod(arg, &end);
		if (*end || end == arg || !(o->slice_ms >= 0.1) || o->slice_ms > 1e6)
			argp_error(state, "--slice wants milliseconds, 0.1 or more, not '%s'", arg);
		break;
	case 'c':
		o->chaos = true;
		o->seeded = arg;
		o->seed = arg ? strtoull(arg, &end, 0) : 0;
		if (arg && (*end || end == arg))
			argp_error(state, "--chaos wants a number as its seed, not '%s'", arg);
		break;
	case 'C':
		o->cores = (unsigned)strtoul(arg, &end, 10);
		if (*end || end == arg || !o->cores || o->cores > 1024)
			argp_error(state, "--cores wants a number from 1 to 1024, not '%s'", arg);
		break;
	case 's':
		o->stats = true;
		break;
	case 'w':
		o->wait = true;
		break;
	case 'v':
		o->verify_every = arg ? strtoull(arg, NULL, 10) : 1000;
		if (!o->verify_every)
			argp_error(state, "--verify wants a number of events, 1 or more");
		break;
	case ARGP_KEY_ARG:
		/* The command starts here; its options are its own. */
		o->argv = state->argv + state->next - 1;
		state->next = state->argc;
		break;
	case ARGP_KEY_END:
		if (!o->argv)
			argp_error(state, "what is to be recorded? Give a command");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

const struct argp record_argp = {
	options,
	parse,
	"[--] COMMAND [ARGUMENT...]",
	"Run COMMAND and record it, with all processes and threads it starts.\v"
	"The trace goes to $REPRISE_TRACE_DIR, else $XDG_DATA_HOME/reprise, as COMMAND-N. The exit "
	"status is that of COMMAND (128 + N if signal N killed it), 127 or 126 when it is not found "
	"or cannot be run, and 125 when recording itself fails.\n\nWhen COMMAND has ended, processes that it "
	"has left "
	"behind go on until all of them wait for something, or have used a second of CPU time, and are then "
	"ended; with --wait "
	"the recording goes on until the last has ended by itself.\n\nSIGTERM, SIGINT and SIGHUP to the "
	"recorder go to COMMAND; what still runs a second later is killed. A terminal's ^C COMMAND gets from "
	"the terminal, and the recording goes on as long as it does.",
	NULL,
	NULL,
	NULL};

int cmd_record(int argc, char **argv)
{
	struct record_options o = {0};
	cli_parse(&record_argp, argc, argv, &o);
	return record_run(&o);
}

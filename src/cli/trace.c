#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/program.h"
#include "cli/cli.h"
#include "interpose/maskset.h"
#include "task/ptrace.h"
#include "tracer/tracer.h"

#define NO_FOLLOW 256

static const struct argp_option options[] = {
	{"expr", 'e', "EXPR", 0,
	 "trace=SET: show these calls: names, %file, %desc, %network, %process, %signal, %memory, %ipc, "
	 "%creds, %clock, %stat; "
	 "!SET: all others. signal=SET: show these signals. status=SET: show calls that were successful, "
	 "failed, "
	 "unfinished. inject=SET:error=ERR:retval=N:signal=SIG:delay_enter=US:delay_exit=US:when=FIRST+STEP: "
	 "change calls",
	 0},
	{"output", 'o', "FILE", 0, "Write to FILE, not to stderr", 0},
	{"attach", 'p', "PID", 0, "Show the calls of a running process, too; ^C lets it go", 0},
	{"summary", 'c', NULL, 0, "Count calls, errors and time (wall clock), and show only a table of them",
	 0},
	{"json", 'j', NULL, 0, "One JSON object a line", 0},
	{"trace-path", 'P', "PATH", 0, "Show only calls that name PATH, or use a descriptor that leads to it",
	 0},
	{"string-limit", 's', "N", 0, "Show N bytes of strings (32)", 0},
	{"no-abbrev", 'v', NULL, 0, "Show structures and environments in full", 0},
	{"strings-in-hex", 'x', NULL, 0, "Strings that are no text in hexadecimal; twice: all strings", 0},
	{"decode-fds", 'y', NULL, 0,
	 "Show the paths of descriptors; twice: also addresses of sockets and numbers of devices", 0},
	{"stack-traces", 'k', NULL, 0, "Show the stack of each call", 0},
	{"absolute-timestamps", 't', NULL, 0,
	 "Begin lines with the time; twice: with microseconds; three times: since 1970", 0},
	{"relative-timestamps", 'r', NULL, 0, "Begin lines with the time since the line before", 0},
	{"syscall-times", 'T', NULL, 0, "End lines with the time that the call has taken", 0},
	{"quiet", 'q', NULL, 0, "Do not tell of new processes", 0},
	{"follow-forks", 'f', NULL, 0, "New processes and threads, too: always so, unless", 0},
	{"no-follow", NO_FOLLOW, NULL, 0, "Only the first process, and its first thread", 0},
	{0},
};

static void expression(struct tracer_options *o, const char *arg, struct argp_state *state)
{
	int rc = 0;
	if (!strncmp(arg, "trace=", 6) || !strchr(arg, '=')) {
		rc = mask_parse(arg + (strchr(arg, '=') ? 6 : 0), &o->calls);
	} else if (!strncmp(arg, "signal=", 7)) {
		rc = tracer_parse_signals(arg + 7, &o->signals);
	} else if (!strncmp(arg, "status=", 7)) {
		rc = tracer_parse_status(arg + 7, &o->status);
	} else if (!strncmp(arg, "inject=", 7)) {
		struct inject_rule *r = tracer_parse_inject(arg + 7), **at = &o->inject;
		while (r && *at)
			at = &(*at)->next;
		*at = r ? r : *at;
		rc = r ? 0 : -1;
	} else {
		argp_error(state, "-e %s? There are trace, signal, status and inject", arg);
	}
	if (rc)
		argp_error(state, "%s", err_msg());
}

static unsigned number(const char *arg, struct argp_state *state, const char *what)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 10);
	if (*end || end == arg || n > 1u << 30)
		argp_error(state, "%s wants a number, not '%s'", what, arg);
	return (unsigned)n;
}

static void add_pid(struct tracer_options *o, pid_t pid)
{
	o->pids = xrealloc(o->pids, (o->n_pids + 1) * sizeof(*o->pids));
	o->pids[o->n_pids++] = pid;
}

static void add_path(struct tracer_options *o, const char *path)
{
	o->paths = xrealloc(o->paths, (o->n_paths + 1) * sizeof(*o->paths));
	o->paths[o->n_paths++] = path;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct tracer_options *o = state->input;
	switch (key) {
	case 'e':
		expression(o, arg, state);
		break;
	case 'o':
		o->output = arg;
		break;
	case 'p':
		add_pid(o, (pid_t)number(arg, state, "--attach"));
		break;
	case 'P':
		add_path(o, arg);
		break;
	case 's':
		o->text = number(arg, state, "--string-limit");
		break;
	case 'c':
		o->summary = true;
		break;
	case 'j':
		o->json = true;
		break;
	case 'v':
		o->verbose = true;
		break;
	case 'x':
		o->hex++;
		break;
	case 'y':
		o->fds++;
		break;
	case 'k':
		o->stacks = true;
		break;
	case 't':
		o->time += o->time < 3;
		break;
	case 'r':
		o->relative = true;
		break;
	case 'T':
		o->duration = true;
		break;
	case 'q':
		o->quiet = true;
		break;
	case 'f':
		break;
	case NO_FOLLOW:
		o->no_follow = true;
		break;
	case ARGP_KEY_ARG:
		/* The command starts here; its options are its own. */
		o->argv = state->argv + state->next - 1;
		state->next = state->argc;
		break;
	case ARGP_KEY_END:
		if (!o->argv && !o->n_pids)
			argp_error(state, "whose calls? Give a command, or -p PID");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

const struct argp trace_argp = {options,
				parse,
				"[--] COMMAND [ARGUMENT...]",
				"Run COMMAND and show its system calls and signals, and those of all "
				"processes and threads it starts, in strace's form.\v"
				"Calls that -e trace=SET does not name cost the program nothing. The exit "
				"status is that of COMMAND (128 + N if "
				"signal N killed it), 127 or 126 when it is not found or cannot be run, and "
				"125 when tracing fails.\n\n"
				"Attached processes (-p) and those of --no-follow stop at each call, shown "
				"or not.",
				NULL,
				NULL,
				NULL};

/* Signal handlers have no argument. */
static struct tracer *running;

static void pass_on(int sig)
{
	if (running && sig != SIGALRM)
		tracer_signal(running, sig);
}

static const int passed[] = {SIGTERM, SIGHUP, SIGINT};

/* The command gets a terminal's ^C from the terminal; attached processes are let go. SIGALRM wakes the tracer
 * ten times a second, to write what it has, and to see a request that came just before it waited. */
static void set_signals(struct tracer *tr, bool command)
{
	struct sigaction sa = {.sa_handler = pass_on}, ignore = {.sa_handler = SIG_IGN};
	struct itimerval tick = {{0, 100000}, {0, 100000}};
	running = tr;
	pt_quiet_stops();
	for (size_t i = 0; i < ARRAY_LEN(passed); i++)
		sigaction(passed[i], passed[i] == SIGINT && command ? &ignore : &sa, NULL);
	sigaction(SIGQUIT, command ? &ignore : &sa, NULL);
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);
}

static struct sigaction inherited[65];

/* What the command would have without us. */
static void restore_signals(void *arg)
{
	(void)arg;
	for (int sig = 1; sig < 65; sig++)
		sigaction(sig, &inherited[sig], NULL);
}

int cmd_trace(int argc, char **argv)
{
	struct tracer_options o = {.signals = ~0ull, .status = STATUS_ALL};
	int status = -1;
	mask_all(&o.calls);
	cli_parse(&trace_argp, argc, argv, &o);
	char *path = o.argv ? program_find(o.argv[0]) : NULL;
	if (o.argv && !path) {
		say("there is no program '%s'", o.argv[0]);
		return 127;
	}
	for (int sig = 1; sig < 65; sig++)
		sigaction(sig, NULL, &inherited[sig]);
	struct tracer *tr = tracer_new(&o);
	if (tr) {
		set_signals(tr, o.argv != NULL);
		status = tracer_run(tr, path, restore_signals);
		running = NULL;
		tracer_free(tr);
	}
	if (status < 0)
		say("%s", err_msg());
	free(path);
	return status < 0 ? EXIT_TROUBLE : status;
}

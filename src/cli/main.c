#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "cli/cli.h"

const struct command commands[] = {
	{"record", "run a program and record it", &record_argp, cmd_record},
	{"replay", "replay a recording", &replay_argp, cmd_replay},
	{"ps", "show the processes of a recording", &ps_argp, cmd_ps},
	{"dump", "show the events of a recording", &dump_argp, cmd_dump},
	{"ls", "list recordings", &ls_argp, cmd_ls},
	{"rm", "remove recordings", &rm_argp, cmd_rm},
	{"pack", "make a recording stand alone", &pack_argp, cmd_pack},
	{"rewrite", "see how programs are instrumented", &rewrite_argp, cmd_rewrite},
	{"cache", "show or clear the cache of instrumented images", &cache_argp, cmd_cache},
	{NULL, NULL, NULL, NULL},
};

static void usage(FILE *f)
{
	fputs("Usage: reprise COMMAND [OPTION...]\n"
	      "Record a program once, replay that execution exactly.\n\n",
	      f);
	for (const struct command *c = commands; c->name; c++)
		fprintf(f, "  %-8s %s\n", c->name, c->summary);
	fputs("\n'reprise COMMAND --help' says more about a command. Try: reprise record ls, then "
	      "reprise replay -a\n",
	      f);
}

int cli_parse(const struct argp *argp, int argc, char **argv, void *input)
{
	static char name[64];
	snprintf(name, sizeof(name), "reprise %s", argv[0]);
	argv[0] = name;
	argp_err_exit_status = EXIT_TROUBLE;
	return argp_parse(argp, argc, argv, ARGP_IN_ORDER, NULL, input);
}

int cli_is_trace(const struct dirent *e)
{
	return e->d_name[0] != '.' && strcmp(e->d_name, "latest");
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		usage(stderr);
		return EXIT_TROUBLE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return 0;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("reprise " REPRISE_VERSION);
		return 0;
	}
	/* Not for people: the build makes manual pages and completion with these. */
	if (!strcmp(argv[1], "--man"))
		return cmd_man(argc - 1, argv + 1);
	if (!strcmp(argv[1], "--completion"))
		return cmd_completion(argc - 1, argv + 1);
	for (const struct command *c = commands; c->name; c++) {
		if (!strcmp(argv[1], c->name))
			return c->run(argc - 1, argv + 1);
	}
	say("there is no command '%s': 'reprise --help' lists them", argv[1]);
	return EXIT_TROUBLE;
}

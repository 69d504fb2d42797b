#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cli/cli.h"

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

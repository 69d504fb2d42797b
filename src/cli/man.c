/* Manual pages and bash completion, written from the argp tables that --help uses. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cli/cli.h"

static void roff(const char *text)
{
	for (; *text; text++) {
		if (*text == '-' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
}

static void upper(const char *s)
{
	for (; *s; s++)
		putchar(toupper((unsigned char)*s));
}

static void man_options(const struct argp *a)
{
	if (!a->options || !a->options[0].name)
		return;
	puts(".SH OPTIONS");
	for (const struct argp_option *o = a->options; o->name; o++) {
		printf(".TP\n\\fB\\-%c\\fR, \\fB\\-\\-%s\\fR", o->key, o->name);
		if (o->arg)
			printf(o->flags & OPTION_ARG_OPTIONAL ? "[=\\fI%s\\fR]" : "=\\fI%s\\fR", o->arg);
		putchar('\n');
		roff(o->doc);
		putchar('\n');
	}
}

static void man_command(const struct command *c)
{
	printf(".TH REPRISE\\-");
	upper(c->name);
	printf(" 1 \"\" \"reprise %s\" \"Reprise\"\n.SH NAME\nreprise\\-%s \\- ", REPRISE_VERSION, c->name);
	roff(c->summary);
	printf("\n.SH SYNOPSIS\n\\fBreprise %s\\fR [\\fIOPTION\\fR...] ", c->name);
	if (c->argp->args_doc)
		roff(c->argp->args_doc);
	puts("\n.SH DESCRIPTION");
	const char *doc = c->argp->doc, *more = strchr(doc, '\v');
	for (; *doc && doc != more; doc++) {
		if (*doc == '-')
			putchar('\\');
		putchar(*doc);
	}
	putchar('\n');
	man_options(c->argp);
	if (more) {
		puts(".SH NOTES");
		roff(more + 1);
		putchar('\n');
	}
	puts(".SH SEE ALSO\n.BR reprise (1)");
}

static void man_main(void)
{
	printf(".TH REPRISE 1 \"\" \"reprise %s\" \"Reprise\"\n.SH NAME\nreprise \\- record a program, "
	       "replay "
	       "it exactly\n.SH SYNOPSIS\n\\fBreprise\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR...]\n.SH "
	       "COMMANDS\n",
	       REPRISE_VERSION);
	for (const struct command *c = commands; c->name; c++)
		printf(".TP\n\\fBreprise\\-%s\\fR(1)\n%s\n", c->name, c->summary);
	puts(".SH ENVIRONMENT\n.TP\n\\fBREPRISE_TRACE_DIR\\fR\nWhere traces go; without it "
	     "$XDG_DATA_HOME/reprise, or ~/.local/share/reprise.");
}

int cmd_man(int argc, char **argv)
{
	if (argc < 2) {
		man_main();
		return 0;
	}
	for (const struct command *c = commands; c->name; c++) {
		if (!strcmp(argv[1], c->name)) {
			man_command(c);
			return 0;
		}
	}
	say("there is no command '%s'", argv[1]);
	return EXIT_TROUBLE;
}

int cmd_completion(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("_reprise()\n{\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} words\n\tif ((COMP_CWORD == 1)); then");
	printf("\t\twords=\"");
	for (const struct command *c = commands; c->name; c++)
		printf("%s ", c->name);
	puts("--help --version\"\n\telse\n\t\tcase ${COMP_WORDS[1]} in");
	for (const struct command *c = commands; c->name; c++) {
		printf("\t\t%s) words=\"", c->name);
		for (const struct argp_option *o = c->argp->options; o && o->name; o++)
			printf("--%s ", o->name);
		printf("--help\"");
		if (strcmp(c->name, "record") && strcmp(c->name, "ls"))
			printf("; [[ $cur == -* ]] || words=$(reprise ls --json 2>/dev/null | "
			       "sed 's/.*\"name\":\"\\([^\"]*\\)\".*/\\1/')");
		puts(" ;;");
	}
	puts("\t\tesac\n\tfi\n\tif [[ ${COMP_WORDS[1]} == record && $cur != -* && $COMP_CWORD -gt 1 ]]; "
	     "then\n"
	     "\t\tCOMPREPLY=($(compgen -c -- \"$cur\"))\n\telse\n"
	     "\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n\tfi\n}\ncomplete -o default -F _reprise "
	     "reprise");
	return 0;
}

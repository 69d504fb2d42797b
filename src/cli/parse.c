#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

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

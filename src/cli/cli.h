/* The command line: one file per subcommand, one table of all. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <argp.h>
#include <dirent.h>

#define EXIT_TROUBLE 125 /* Reprise's own failures */

struct command {
	const char *name;
	const char *summary; /* one line */
	const struct argp *argp;
	int (*run)(int argc, char **argv);
};

/* All subcommands, ended by one without a name. */
extern const struct command commands[];

/* Parse with argp in a way that ends with EXIT_TROUBLE after a usage error. */
int cli_parse(const struct argp *argp, int argc, char **argv, void *input);

/* For scandir: every name in the directory of traces but `latest` and hidden ones. */
int cli_is_trace(const struct dirent *e);

int cmd_record(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_ps(int argc, char **argv);
int cmd_dump(int argc, char **argv);
int cmd_ls(int argc, char **argv);
int cmd_rm(int argc, char **argv);
int cmd_trace(int argc, char **argv);
int cmd_pack(int argc, char **argv);
int cmd_cache(int argc, char **argv);
int cmd_rewrite(int argc, char **argv);
/* man.c: manual pages and completion, from the same argp tables as --help. */
int cmd_man(int argc, char **argv);
int cmd_completion(int argc, char **argv);

extern const struct argp record_argp, replay_argp, ps_argp, dump_argp, ls_argp, rm_argp, trace_argp, pack_argp, rewrite_argp,
	cache_argp;

#endif

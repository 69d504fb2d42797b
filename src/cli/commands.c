#include "cli/cli.h"

#include <stddef.h>

const struct command commands[] = {
	{"record", "run a program and record it", &record_argp, cmd_record},
	{"replay", "replay a recording", &replay_argp, cmd_replay},
	{"ps", "show the processes of a recording", &ps_argp, cmd_ps},
	{"dump", "show the events of a recording", &dump_argp, cmd_dump},
	{"ls", "list recordings", &ls_argp, cmd_ls},
	{"rm", "remove recordings", &rm_argp, cmd_rm},
	{"trace", "show the system calls of a program as it runs", &trace_argp, cmd_trace},
	{"pack", "make a recording stand alone", &pack_argp, cmd_pack},
	{"rewrite", "see how programs are instrumented", &rewrite_argp, cmd_rewrite},
	{"cache", "show or clear the cache of instrumented images", &cache_argp, cmd_cache},
	{NULL, NULL, NULL, NULL},
};

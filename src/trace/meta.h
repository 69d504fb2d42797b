/* The description in a trace's header, and where traces live. */
#ifndef TRACE_META_H
#define TRACE_META_H

#include <stdbool.h>
#include <stdint.h>

struct trace_meta {
	char **argv; /* the command, NULL-terminated */
	char *cwd;
	char *cpu_flags; /* space separated names of instruction set extensions */
	char *cpu_name, *kernel, *time;
	char *arch;	      /* as uname calls it: x86_64 */
	int cpu;	      /* the CPU that the tasks ran on */
	uint64_t xstate_size; /* bytes of the XSAVE area */
	uint64_t xcr0;	      /* state components that it holds */
	/* How far CLOCK_MONOTONIC and CLOCK_BOOTTIME were behind CLOCK_REALTIME, ns; 0: not known. */
	uint64_t monotonic_behind, boottime_behind;
};

/* Describe this machine and `argv`. Everything is owned by the meta. */
void meta_now(struct trace_meta *m, char *const *argv, int cpu);
/* As JSON text, which the caller frees. */
char *meta_to_json(const struct trace_meta *m);
/* From the header's JSON. 0 or -1. */
int meta_from_json(struct trace_meta *m, const char *json);
void meta_free(struct trace_meta *m);
/* Can a recording made on `m`'s CPU replay on this one? 0, or -1 naming what is missing. */
int meta_check_cpu(const struct trace_meta *m);

/* The directory of traces: $REPRISE_TRACE_DIR, else $XDG_DATA_HOME/reprise, else
 * ~/.local/share/reprise. The caller frees it. */
char *traces_dir(void);
/* Make a new directory NAME-N there (or exactly `out` when given). Its path, which
 * the caller frees, or NULL. */
char *traces_new(const char *program, const char *out);
/* Make `latest` point to `dir` when it lies in the directory of traces. */
void traces_set_latest(const char *dir);
/* The trace that the user means: a path, a name in the directory of traces, or (NULL)
 * the latest. The caller frees it; NULL with the error text when there is none. */
char *traces_find(const char *name);

#endif

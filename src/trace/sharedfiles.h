/* The files of all traces: each content once, in a folder beside the traces (docs/trace-format.md). A trace
 * has hard links to what it needs, so it stays whole whatever happens here. Nothing here is locked: a file
 * has its name in a trace before it has one here, so that who sweeps never takes what somebody is about to
 * use. Whatever fails only costs space: the caller then copies. */
#ifndef TRACE_SHAREDFILES_H
#define TRACE_SHAREDFILES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* The folder for the traces in `base`, made if it is not there; the caller frees it. NULL: there is none that
 * is ours alone. */
char *shared_open(const char *base);
/* Give trace directory `dir` the file `hash`. False: it is not here. */
bool shared_link(const char *shared, const char *dir, const char *hash);
/* Trace directory `dir` has made the file `hash`, which others may have from now on. */
void shared_offer(const char *shared, const char *dir, const char *hash);
/* It is damaged: nobody gets it any more. */
void shared_drop(const char *shared, const char *hash);

/* Names for contents: what file they came from, or what they were made of. */
#define ALIAS_SIZE 64
/* The alias of the file that `st` describes, for as long as it is unchanged. */
void shared_identity(const struct stat *st, char alias[ALIAS_SIZE]);
/* Could the file `fd`, as `st` describes it, change without its times telling? Then it gets no alias. */
bool shared_steady(int fd, const struct stat *st);
bool shared_find(const char *shared, const char *alias, char hash[36]);
void shared_name(const char *shared, const char *alias, const char *hash);

/* Remove what no trace in `base`, nor anybody else, has a link to. */
void shared_sweep(const char *base);

#endif

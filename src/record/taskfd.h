/* Files behind descriptors of tasks. */
#ifndef RECORD_TASKFD_H
#define RECORD_TASKFD_H

#include "record/state.h"

/* Open the file at descriptor `fd` of `t` once more: a descriptor that the caller closes, or -1 and errno. */
int taskfd_open(struct rtask *t, int fd, int flags);
/* What is known of the file at descriptor `fd`, without asking a server that may be one of the tasks:
 * device, number, type, size and times. 0, or -1 and errno. */
int taskfd_stat(struct rtask *t, int fd, struct stat *st);
/* Position and open flags of a descriptor. 0 or -1. */
int taskfd_info(struct rtask *t, int fd, uint64_t *pos, unsigned *flags);
/* The name of the file, as /proc shows it; empty where there is none. */
void taskfd_name(struct rtask *t, int fd, char *out, size_t cap);

#endif

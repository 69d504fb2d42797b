/* What descriptors of a task lead to. */
#ifndef TASK_FDPATH_H
#define TASK_FDPATH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define FD_CWD -100

/* The path behind descriptor `fd` (FD_CWD: the working directory) of the task, as /proc shows it. */
bool fd_path(pid_t tid, int fd, char *out, size_t size);

#endif

/* What descriptors lead to beyond a path (-yy): addresses of sockets, numbers of devices, processes. */
#ifndef TRACER_FDDETAIL_H
#define TRACER_FDDETAIL_H

#include <sys/types.h>

#include "base/buf.h"

/* Append "TCP:[127.0.0.1:80]", "/dev/null<char 1:3>" and the like for descriptor `fd` of a task, whose path
 * in /proc is `path`. */
void fd_detail(pid_t tid, int fd, const char *path, struct buf *b);

#endif

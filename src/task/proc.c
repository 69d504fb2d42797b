#include "task/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static ssize_t slurp(const char *path, char *out, size_t cap)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ssize_t n = read(fd, out, cap - 1);
	int e = errno;
	close(fd);
	if (n < 0)
		return -e;
	out[n] = 0;
	return n;
}

static uint64_t field(const char *text, const char *name, int base)
{
	const char *p = strstr(text, name);
	return p ? strtoull(p + strlen(name), NULL, base) : 0;
}

int proc_status(pid_t tid, struct proc_status *out)
{
	char path[48], text[4096];
	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	ssize_t n = slurp(path, text, sizeof(text));
	if (n < 0)
		return (int)n;
	const char *st = strstr(text, "\nState:\t");
	out->state = st ? st[8] : 0;
	out->tgid = (int)field(text, "\nTgid:", 10);
	out->ppid = (int)field(text, "\nPPid:", 10);
	out->tracer = (int)field(text, "\nTracerPid:", 10);
	out->blocked = field(text, "\nSigBlk:", 16);
	out->ignored = field(text, "\nSigIgn:", 16);
	out->caught = field(text, "\nSigCgt:", 16);
	out->cap_effective = field(text, "\nCapEff:", 16);
	out->pending = field(text, "\nSigPnd:", 16) | field(text, "\nShdPnd:", 16);
	return 0;
}

unsigned proc_pids(pid_t tid, pid_t out[PID_LEVELS])
{
	char path[48], text[4096];
	unsigned n = 0;
	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	char *p = slurp(path, text, sizeof(text)) > 0 ? strstr(text, "\nNSpid:") : NULL;
	for (p = p ? p + 7 : NULL; p && *p == '\t' && n < PID_LEVELS;)
		out[n++] = (pid_t)strtol(p + 1, &p, 10);
	return n;
}

char proc_state(pid_t tid)
{
	char path[48], text[512];
	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	if (slurp(path, text, sizeof(text)) <= 0)
		return 0;
	char *p = strrchr(text, ')'); /* the name may hold anything */
	return p && p[1] ? p[2] : 0;
}

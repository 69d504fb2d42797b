/* What /proc tells of a task's state: as it would be if nobody traced it. */
#include "record/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

struct rtask *procmaps_task(struct recorder *s, const char *path)
{
	const char *task = strstr(path, "/task/");
	char *end;
	if (strncmp(path, "/proc/", 6))
		return NULL;
	return task_find(s, (pid_t)strtol(task ? task + 6 : path + 6, &end, 10));
}

/* R if it would run but for us. */
static const char *state_name(const struct rtask *t)
{
	if (traced_is_stopped(t))
		return "t (tracing stop)";
	return t->state == TS_STOPPED ? "T (stopped)" : "R (running)";
}

static void put_text(struct buf *out, const char *text)
{
	buf_put(out, text, strlen(text));
}

static void put_number(struct buf *out, const char *name, uint64_t v, const char *format)
{
	char text[80], number[32];
	snprintf(number, sizeof(number), format, (unsigned long long)v);
	snprintf(text, sizeof(text), "%s\t%s\n", name, number);
	put_text(out, text);
}

/* A mask of CPUs as the kernel prints it: words of 32 bits, the highest first. The length of the
 * kernel's own line tells how many. */
static void put_mask(struct buf *out, const char *name, const uint8_t *mask, size_t len, const char *line)
{
	char text[16];
	size_t words = 1;
	for (const char *p = line; *p && *p != '\n'; p++)
		words += *p == ',';
	put_text(out, name);
	for (size_t i = words; i-- > 0;) {
		uint32_t w = 0;
		for (size_t b = 0; b < 4; b++)
			w |= 4 * i + b < len ? (uint32_t)mask[4 * i + b] << 8 * b : 0;
		const char *first = strchr(line, '\t') + 1;
		int digits = words > 1 ? 8 : (int)strcspn(first, "\n");
		snprintf(text, sizeof(text), "%s%0*x", i + 1 == words ? "\t" : ",", digits, w);
		put_text(out, text);
	}
	put_text(out, "\n");
}

static void put_list(struct buf *out, const char *name, const uint8_t *mask, size_t len)
{
	char text[48];
	const char *before = "\t";
	put_text(out, name);
	for (size_t i = 0; i < 8 * len; i++) {
		size_t first = i;
		while (i < 8 * len && mask[i / 8] >> (i % 8) & 1)
			i++;
		if (i == first)
			continue;
		int n = snprintf(text, sizeof(text), "%s%zu", before, first);
		if (i > first + 1)
			snprintf(text + n, sizeof(text) - (size_t)n, "-%zu", i - 1);
		put_text(out, text);
		before = ",";
	}
	put_text(out, "\n");
}

/* One line of /proc/PID/status. `filters`: how many seccomp filters it would have. */
static void put_status_line(struct recorder *s, struct rtask *t, const char *line, unsigned filters,
			    struct buf *out)
{
	uint8_t mask[sizeof(s->affinity)];
	size_t name = strcspn(line, ":") + 1, len = affinity_mask(s, t, mask, sizeof(mask));
	char head[32] = "";
	const char *value = line + name + strspn(line + name, "\t ");
	if (name < sizeof(head))
		memcpy(head, line, name);
	if (!strcmp(head, "State:") && *value == 't') {
		put_text(out, "State:\t");
		put_text(out, state_name(t));
		put_text(out, "\n");
	} else if (!strcmp(head, "TracerPid:")) {
		put_number(out, head, (uint64_t)traced_by(t), "%llu");
	} else if (!strcmp(head, "NoNewPrivs:") && s->own_nnp) {
		put_number(out, head, t->no_new_privs, "%llu");
	} else if (!strcmp(head, "Seccomp:")) {
		put_number(out, head, t->strict ? 1 : filters ? 2 : 0, "%llu");
	} else if (!strcmp(head, "Seccomp_filters:")) {
		put_number(out, head, filters, "%llu");
	} else if (!strcmp(head, "SigBlk:")) {
		uint64_t blocked = strtoull(value, NULL, 16) & ~t->intr.blocked;
		put_number(out, head, t->shut_out ? t->open_mask : blocked, "%016llx");
	} else if (!strcmp(head, "Cpus_allowed:")) {
		put_mask(out, head, mask, len, line);
	} else if (!strcmp(head, "Cpus_allowed_list:")) {
		put_list(out, head, mask, len);
	} else {
		put_text(out, line);
	}
}

static void status(struct recorder *s, struct rtask *t, FILE *f, struct buf *out)
{
	char *line = NULL;
	size_t cap = 0;
	unsigned filters = 1;
	while (getline(&line, &cap, f) > 0)
		sscanf(line, "Seccomp_filters: %u", &filters);
	rewind(f);
	while (getline(&line, &cap, f) > 0)
		put_status_line(s, t, line, filters ? filters - 1 : 0, out);
	free(line);
}

/* The third field is the state; the second may hold anything. */
static void stat_line(struct recorder *s, struct rtask *t, FILE *f, struct buf *out)
{
	char text[2048];
	(void)s;
	size_t n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = 0;
	char *end = strrchr(text, ')');
	if (end && end[1] && end[2] == 't')
		end[2] = *state_name(t);
	buf_put(out, text, n);
}

static void plain(struct recorder *s, struct rtask *t, FILE *f, struct buf *out)
{
	char text[4096];
	size_t n;
	(void)s;
	(void)t;
	while ((n = fread(text, 1, sizeof(text), f)) > 0)
		buf_put(out, text, n);
}

static const struct {
	const char *name;
	void (*put)(struct recorder *s, struct rtask *t, FILE *f, struct buf *out);
} files[] = {{"status", status}, {"stat", stat_line}, {"sched", plain}};

bool procstatus_content(struct recorder *s, const char *path, struct buf *out)
{
	const char *last = strrchr(path, '/');
	for (size_t i = 0; last && i < ARRAY_LEN(files); i++) {
		struct rtask *t = strcmp(last + 1, files[i].name) ? NULL : procmaps_task(s, path);
		FILE *f = t ? fopen(path, "re") : NULL;
		if (!f)
			continue;
		policy_tell(s, t);
		files[i].put(s, t, f, out);
		policy_untell(s, t);
		fclose(f);
		return out->len > 0;
	}
	return false;
}

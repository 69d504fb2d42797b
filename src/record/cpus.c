/* record --cores: files that tell how many processors there are. */
#include "record/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "0-3", as in /sys/devices/system/cpu/online */
static void put_range(struct buf *out, unsigned cores)
{
	char text[32];
	int n = cores > 1 ? snprintf(text, sizeof(text), "0-%u\n", cores - 1)
			  : snprintf(text, sizeof(text), "0\n");
	buf_put(out, text, (size_t)n);
}

/* The paragraph of the first processor, for each of them. */
static void put_cpuinfo(struct buf *out, FILE *f, unsigned cores)
{
	char line[8192], number[64];
	struct buf one = {0};
	if (!fgets(line, sizeof(line), f))
		return;
	while (fgets(line, sizeof(line), f) && line[0] != '\n')
		buf_put(&one, line, strlen(line));
	for (unsigned i = 0; i < cores; i++) {
		int n = snprintf(number, sizeof(number), "processor\t: %u\n", i);
		buf_put(out, number, (size_t)n);
		buf_put(out, one.data, one.len);
		buf_u8(out, '\n');
	}
	buf_free(&one);
}

/* /proc/stat: a line for each, after that of all. */
static void put_stat(struct buf *out, FILE *f, unsigned cores)
{
	char line[8192], first[512] = "", number[600];
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, "cpu", 3) || line[3] == ' ') {
			buf_put(out, line, strlen(line));
			continue;
		}
		if (first[0])
			continue;
		snprintf(first, sizeof(first), "%s", line + strcspn(line, " "));
		for (unsigned i = 0; i < cores; i++) {
			int n = snprintf(number, sizeof(number), "cpu%u%s", i, first);
			buf_put(out, number, (size_t)n);
		}
	}
}

bool cpus_content(struct recorder *s, const char *path, struct buf *out)
{
	static const char dir[] = "/sys/devices/system/cpu/";
	FILE *f;
	if (!s->cores)
		return false;
	if (!strncmp(path, dir, sizeof(dir) - 1)) {
		const char *name = path + sizeof(dir) - 1;
		if (strcmp(name, "online") && strcmp(name, "possible") && strcmp(name, "present"))
			return false;
		put_range(out, s->cores);
		return true;
	}
	bool info = !strcmp(path, "/proc/cpuinfo");
	if ((!info && strcmp(path, "/proc/stat")) || !(f = fopen(path, "re")))
		return false;
	if (info)
		put_cpuinfo(out, f, s->cores);
	else
		put_stat(out, f, s->cores);
	fclose(f);
	return true;
}

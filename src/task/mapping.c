#include "task/mapping.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "base/err.h"

/* Index of the first mapping that ends after `addr`. */
static size_t lower(const struct space *s, uint64_t addr)
{
	size_t lo = 0, hi = s->maps.n;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (s->maps.at[mid].recorded.end > addr)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

struct mapping *space_from(const struct space *s, uint64_t addr)
{
	size_t i = lower(s, addr);
	return i < s->maps.n ? &s->maps.at[i] : NULL;
}

struct mapping *space_find(const struct space *s, uint64_t addr)
{
	struct mapping *m = space_from(s, addr);
	return m && m->recorded.start <= addr ? m : NULL;
}

static void insert(struct space *s, size_t i, const struct mapping *m)
{
	struct mapping copy = *m;
	(void)VEC_PUSH(&s->maps);
	memmove(&s->maps.at[i + 1], &s->maps.at[i], (s->maps.n - 1 - i) * sizeof(*m));
	s->maps.at[i] = copy;
}

/* Move the start of a mapping up to `start`. */
static void trim_front(struct mapping *m, uint64_t start)
{
	uint64_t by = start - m->recorded.start;
	m->recorded.start = m->replayed.start = start;
	m->recorded.offset += by;
	m->replayed.offset += by;
	m->content += by;
}

/* Make `addr` a border between mappings. */
static void split(struct space *s, uint64_t addr)
{
	size_t i = lower(s, addr);
	if (i >= s->maps.n || s->maps.at[i].recorded.start >= addr)
		return;
	struct mapping tail = s->maps.at[i];
	s->maps.at[i].recorded.end = s->maps.at[i].replayed.end = addr;
	trim_front(&tail, addr);
	insert(s, i + 1, &tail);
}

void space_unmap(struct space *s, uint64_t start, uint64_t end)
{
	if (start >= end)
		return;
	split(s, start);
	split(s, end);
	size_t i = lower(s, start), j = i;
	while (j < s->maps.n && s->maps.at[j].recorded.start < end)
		j++;
	memmove(&s->maps.at[i], &s->maps.at[j], (s->maps.n - j) * sizeof(*s->maps.at));
	s->maps.n -= j - i;
}

void space_map(struct space *s, const struct mapping *m)
{
	struct mapping copy = *m;
	space_unmap(s, copy.recorded.start, copy.recorded.end);
	size_t i = lower(s, copy.recorded.start);
	struct mapping *prev = i ? &s->maps.at[i - 1] : NULL;
	/* Neighbouring anonymous memory of one kind is one mapping, as in the kernel. */
	if (prev && prev->source == SRC_ZERO && copy.source == SRC_ZERO &&
	    prev->recorded.end == copy.recorded.start && prev->recorded.prot == copy.recorded.prot &&
	    prev->recorded.flags == copy.recorded.flags && !strcmp(prev->recorded.name, copy.recorded.name)) {
		prev->recorded.end = copy.recorded.end;
		prev->replayed.end = copy.recorded.end;
		return;
	}
	insert(s, i, &copy);
}

void space_protect(struct space *s, uint64_t start, uint64_t end, uint32_t prot)
{
	split(s, start);
	split(s, end);
	for (size_t i = lower(s, start); i < s->maps.n && s->maps.at[i].recorded.start < end; i++)
		s->maps.at[i].recorded.prot = s->maps.at[i].replayed.prot = prot;
}

/* The part of [start, end) that begins at `at`, as a mapping by itself. False: nothing is there. */
static bool piece_at(const struct space *s, uint64_t at, uint64_t end, struct mapping *out)
{
	const struct mapping *m = space_from(s, at);
	if (!m || m->recorded.start >= end)
		return false;
	*out = *m;
	if (out->recorded.start < at)
		trim_front(out, at);
	if (out->recorded.end > end)
		out->recorded.end = out->replayed.end = end;
	return true;
}

void space_move(struct space *s, uint64_t old, uint64_t old_len, uint64_t new, uint64_t new_len,
		bool keep_old)
{
	VEC(struct mapping) pieces = {0};
	uint64_t end = old + (!old_len || new_len < old_len ? new_len : old_len), at = old;
	struct mapping m;
	while (at < end && piece_at(s, at, end, &m)) {
		at = m.recorded.end;
		*VEC_PUSH(&pieces) = m;
	}
	if (!keep_old && old_len)
		space_unmap(s, old, old + old_len);
	for (size_t i = 0; i < pieces.n; i++) {
		struct kernel_mapping *k = &pieces.at[i].recorded;
		k->start = new + (k->start - old);
		k->end = i + 1 == pieces.n ? new + new_len : new + (k->end - old);
		pieces.at[i].replayed.start = k->start;
		pieces.at[i].replayed.end = k->end;
		space_map(s, &pieces.at[i]);
	}
	VEC_FREE(&pieces);
}

#define PAGE_UP(x) (((x) + 4095) & ~4095ull)

static void map_zero(struct space *s, uint64_t start, uint64_t end, uint64_t prot, const char *name)
{
	struct mapping m = {
		.recorded = {.start = start, .end = end, .prot = (uint32_t)prot, .flags = MAPF_ANON}};
	snprintf(m.recorded.name, sizeof(m.recorded.name), "%s", name);
	m.replayed = m.recorded;
	space_map(s, &m);
}

void space_buffered(struct space *s, int64_t nr, const uint64_t args[6], uint64_t result, uint64_t old)
{
	uint64_t end = args[0] + PAGE_UP(args[1]);
	switch (nr) {
	case SYS_mmap:
		map_zero(s, result, result + PAGE_UP(args[1]), args[2], "");
		break;
	case SYS_munmap:
		space_unmap(s, args[0], end);
		break;
	case SYS_mprotect:
		space_protect(s, args[0], end, (uint32_t)args[2]);
		break;
	case SYS_brk:
		if (PAGE_UP(result) > PAGE_UP(old))
			map_zero(s, PAGE_UP(old), PAGE_UP(result), PROT_READ | PROT_WRITE, "[heap]");
		else
			space_unmap(s, PAGE_UP(result), PAGE_UP(old));
		break;
	}
}

void space_copy(struct space *to, const struct space *from)
{
	space_clear(to);
	for (size_t i = 0; i < from->maps.n; i++)
		*VEC_PUSH(&to->maps) = from->maps.at[i];
}

void space_clear(struct space *s)
{
	VEC_FREE(&s->maps);
}

static int parse_line(const char *line, struct kernel_mapping *k)
{
	char perm[5];
	unsigned major, minor;
	int at = 0;
	*k = (struct kernel_mapping){0};
	if (sscanf(line, "%lx-%lx %4s %lx %x:%x %lu %n", &k->start, &k->end, perm, &k->offset, &major, &minor,
		   &k->ino, &at) < 7)
		return -1;
	k->prot = (perm[0] == 'r' ? PROT_READ : 0) | (perm[1] == 'w' ? PROT_WRITE : 0) |
		  (perm[2] == 'x' ? PROT_EXEC : 0);
	k->flags = (perm[3] == 's' ? MAPF_SHARED : 0) | (k->ino ? 0 : MAPF_ANON);
	k->dev = makedev(major, minor);
	size_t n = strcspn(line + at, "\n");
	if (n >= sizeof(k->name))
		n = sizeof(k->name) - 1;
	memcpy(k->name, line + at, n);
	if (!strcmp(k->name, "[stack]"))
		k->flags |= MAPF_GROWSDOWN;
	return 0;
}

int maps_read(int pid, struct space *out)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	FILE *f = fopen(path, "re");
	if (!f)
		return err_sys(errno, "cannot read %s", path);
	char *line = NULL;
	size_t cap = 0;
	while (getline(&line, &cap, f) > 0) {
		struct kernel_mapping k;
		if (parse_line(line, &k))
			continue;
		struct mapping *m = VEC_PUSH(&out->maps);
		m->recorded = m->replayed = k;
	}
	free(line);
	fclose(f);
	return 0;
}

uint64_t maps_grown_start(int pid, uint64_t addr)
{
	struct space now = {0};
	const struct mapping *m = maps_read(pid, &now) ? NULL : space_find(&now, addr);
	uint64_t start = m ? m->recorded.start : addr;
	space_clear(&now);
	return start;
}

#include "task/mapping.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <xxhash.h>

#include "base/err.h"

#define BLOCK 32 /* mappings, 20 KiB */

struct space_block {
	size_t n;
	struct mapping at[BLOCK];
};

/* Where a mapping stands: block and number in it. */
struct place {
	size_t b, i;
};

/* --- how many mappings there are of what --- */

static void add_count(struct hmap *m, uint64_t key, int64_t by)
{
	uint64_t n = (uint64_t)hmap_get(m, key) + (uint64_t)by;
	if (n)
		hmap_set(m, key, (void *)n);
	else
		hmap_del(m, key);
}

static uint64_t file_key(uint64_t dev, uint64_t ino)
{
	uint64_t id[2] = {dev, ino};
	return XXH64(id, sizeof(id), 0);
}

static void add_file(struct hmap *m, uint64_t dev, uint64_t ino, int64_t by)
{
	uint64_t key = file_key(dev, ino);
	struct file_count *f = hmap_get(m, key);
	if (!f) {
		f = xcalloc(1, sizeof(*f));
		f->dev = dev;
		f->ino = ino;
		hmap_set(m, key, f);
	}
	f->n += (uint64_t)by;
	if (!f->n)
		free(hmap_del(m, key));
}

/* One more (by: 1) or less (-1) like `m`. */
static void count(const struct space *s, const struct mapping *m, int64_t by)
{
	if (!s->counts)
		return;
	if (m->source == SRC_OBJECT)
		add_count(&s->counts->objects, m->object, by);
	if (m->recorded.ino)
		add_file(&s->counts->files, m->recorded.dev, m->recorded.ino, by);
}

static void count_all(const struct space *s, int64_t by)
{
	for (size_t b = 0; s->counts && b < s->blocks.n; b++) {
		for (size_t i = 0; i < s->blocks.at[b]->n; i++)
			count(s, &s->blocks.at[b]->at[i], by);
	}
}

uint64_t counts_file(const struct map_counts *c, uint64_t dev, uint64_t ino)
{
	const struct file_count *f = hmap_get(&c->files, file_key(dev, ino));
	return f ? f->n : 0;
}

uint64_t counts_object(const struct map_counts *c, uint64_t object)
{
	return (uint64_t)hmap_get(&c->objects, object);
}

void space_set_object(struct space *s, struct mapping *m, uint64_t object)
{
	count(s, m, -1);
	m->source = SRC_OBJECT;
	m->object = object;
	count(s, m, 1);
}

/* --- the blocks --- */

/* Of the first mapping that ends after `addr`; block s->blocks.n: there is none. */
static struct place lower(const struct space *s, uint64_t addr)
{
	struct place p = {0, 0};
	size_t hi = s->blocks.n;
	while (p.b < hi) {
		size_t mid = (p.b + hi) / 2;
		const struct space_block *k = s->blocks.at[mid];
		if (k->at[k->n - 1].recorded.end > addr)
			hi = mid;
		else
			p.b = mid + 1;
	}
	hi = p.b < s->blocks.n ? s->blocks.at[p.b]->n : 0;
	while (p.i < hi) {
		size_t mid = (p.i + hi) / 2;
		if (s->blocks.at[p.b]->at[mid].recorded.end > addr)
			hi = mid;
		else
			p.i = mid + 1;
	}
	return p;
}

static struct mapping *get(const struct space *s, struct place p)
{
	return p.b < s->blocks.n ? &s->blocks.at[p.b]->at[p.i] : NULL;
}

struct mapping *space_from(const struct space *s, uint64_t addr)
{
	return get(s, lower(s, addr));
}

struct mapping *space_find(const struct space *s, uint64_t addr)
{
	struct mapping *m = space_from(s, addr);
	return m && m->recorded.start <= addr ? m : NULL;
}

struct mapping *space_first(const struct space *s)
{
	return get(s, (struct place){0, 0});
}

struct mapping *space_next(const struct space *s, const struct mapping *m)
{
	return space_from(s, m->recorded.end);
}

size_t space_count(const struct space *s)
{
	size_t n = 0;
	for (size_t b = 0; b < s->blocks.n; b++)
		n += s->blocks.at[b]->n;
	return n;
}

static struct space_block *new_block(struct space *s, size_t b)
{
	struct space_block *k = xmalloc(sizeof(*k));
	k->n = 0;
	(void)VEC_PUSH(&s->blocks);
	memmove(&s->blocks.at[b + 1], &s->blocks.at[b], (s->blocks.n - 1 - b) * sizeof(k));
	s->blocks.at[b] = k;
	return k;
}

/* Make room before the mapping at `p`, which may be the end. Where the room is. */
static struct place make_room(struct space *s, struct place p)
{
	if (p.b == s->blocks.n && p.b) /* behind the last one */
		p = (struct place){p.b - 1, s->blocks.at[p.b - 1]->n};
	if (!s->blocks.n)
		new_block(s, 0);
	struct space_block *k = s->blocks.at[p.b];
	if (k->n < BLOCK)
		return p;
	/* Of what grows at its end all blocks get full. */
	size_t half = p.i == BLOCK ? BLOCK : BLOCK / 2;
	struct space_block *more = new_block(s, p.b + 1);
	more->n = BLOCK - half;
	memcpy(more->at, &k->at[half], more->n * sizeof(*k->at));
	k->n = half;
	return p.i > half || half == BLOCK ? (struct place){p.b + 1, p.i - half} : p;
}

static void insert(struct space *s, struct place p, const struct mapping *m)
{
	struct mapping copy = *m;
	p = make_room(s, p);
	struct space_block *k = s->blocks.at[p.b];
	memmove(&k->at[p.i + 1], &k->at[p.i], (k->n - p.i) * sizeof(copy));
	k->at[p.i] = copy;
	k->n++;
	count(s, &copy, 1);
}

/* Of blocks [from, to) free those that are empty. */
static void drop_empty(struct space *s, size_t from, size_t to)
{
	size_t keep = from;
	for (size_t b = from; b < to; b++) {
		if (s->blocks.at[b]->n)
			s->blocks.at[keep++] = s->blocks.at[b];
		else
			free(s->blocks.at[b]);
	}
	memmove(&s->blocks.at[keep], &s->blocks.at[to], (s->blocks.n - to) * sizeof(*s->blocks.at));
	s->blocks.n -= to - keep;
}

/* Remove the mappings from `p` on that begin before `end`. */
static void erase(struct space *s, struct place p, uint64_t end)
{
	size_t first = p.b;
	bool more = true;
	if (first == s->blocks.n)
		return;
	for (; more && p.b < s->blocks.n; p.b++, p.i = 0) {
		struct space_block *k = s->blocks.at[p.b];
		size_t j = p.i;
		while (j < k->n && k->at[j].recorded.start < end)
			count(s, &k->at[j++], -1);
		more = j == k->n;
		memmove(&k->at[p.i], &k->at[j], (k->n - j) * sizeof(*k->at));
		k->n -= j - p.i;
	}
	drop_empty(s, first, p.b);
}

/* --- changes --- */

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
	struct place p = lower(s, addr);
	struct mapping *m = get(s, p);
	if (!m || m->recorded.start >= addr)
		return;
	struct mapping tail = *m;
	m->recorded.end = m->replayed.end = addr;
	trim_front(&tail, addr);
	insert(s, (struct place){p.b, p.i + 1}, &tail);
}

void space_unmap(struct space *s, uint64_t start, uint64_t end)
{
	if (start >= end)
		return;
	split(s, start);
	split(s, end);
	erase(s, lower(s, start), end);
}

/* Is `b` anonymous memory of the same kind as `a`, behind it? */
static bool continues(const struct mapping *a, const struct mapping *b)
{
	const struct kernel_mapping *k = &a->recorded, *l = &b->recorded;
	return a->source == SRC_ZERO && b->source == SRC_ZERO && k->end == l->start && k->prot == l->prot &&
	       k->flags == l->flags && !strcmp(k->name, l->name);
}

void space_map(struct space *s, const struct mapping *m)
{
	struct mapping copy = *m;
	const struct kernel_mapping *k = &copy.recorded;
	space_unmap(s, k->start, k->end);
	struct mapping *prev = k->start ? space_find(s, k->start - 1) : NULL;
	/* Neighbouring anonymous memory of one kind is one mapping, as in the kernel. */
	if (prev && continues(prev, &copy))
		prev->recorded.end = prev->replayed.end = k->end;
	else
		insert(s, lower(s, k->start), &copy);
}

void space_protect(struct space *s, uint64_t start, uint64_t end, uint32_t prot)
{
	split(s, start);
	split(s, end);
	for (struct mapping *m = space_from(s, start); m && m->recorded.start < end; m = space_next(s, m))
		m->recorded.prot = m->replayed.prot = prot;
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
	for (size_t b = 0; b < from->blocks.n; b++) {
		const struct space_block *k = from->blocks.at[b];
		struct space_block *copy = new_block(to, b);
		memcpy(copy->at, k->at, k->n * sizeof(*k->at));
		copy->n = k->n;
	}
	count_all(to, 1);
}

void space_clear(struct space *s)
{
	count_all(s, -1);
	for (size_t b = 0; b < s->blocks.n; b++)
		free(s->blocks.at[b]);
	VEC_FREE(&s->blocks);
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

size_t maps_line(const struct kernel_mapping *k, uint64_t start, uint64_t end, const char *perm,
		 char out[MAPS_LINE])
{
	const char own[5] = {k->prot & PROT_READ ? 'r' : '-', k->prot & PROT_WRITE ? 'w' : '-',
			     k->prot & PROT_EXEC ? 'x' : '-', k->flags & MAPF_SHARED ? 's' : 'p', 0};
	int n = snprintf(out, MAPS_LINE, "%08llx-%08llx %s %08llx %02x:%02x %llu ", (unsigned long long)start,
			 (unsigned long long)end, perm ? perm : own,
			 (unsigned long long)(k->offset + (start - k->start)), major(k->dev), minor(k->dev),
			 (unsigned long long)k->ino);
	n += snprintf(out + n, MAPS_LINE - (size_t)n, "%*s%s\n", k->name[0] && n < 73 ? 73 - n : 0, "",
		      k->name);
	return (size_t)n;
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
		struct mapping m = {.recorded = k, .replayed = k};
		insert(out, (struct place){out->blocks.n, 0}, &m);
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

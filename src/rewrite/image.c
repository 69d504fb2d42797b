#include "rewrite/image.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ahead.h"
#include "base/err.h"
#include "base/file.h"
#include "layout.h"
#include "layout_stamp.h"
#include "rewrite/emit.h"
#include "rewrite/safepoint.h"

#define PAGE 4096ull
#define PAGE_DOWN(x) ((x) & ~(PAGE - 1))
#define PAGE_UP(x) PAGE_DOWN((x) + PAGE - 1)

/* The jump at a site is e9 and a distance whose three upper bytes trap when they are
 * executed: whoever comes to the middle of a group stops there, instead of running
 * nonsense, and the tracer knows where he belongs. Shared objects and PIEs have their
 * area below (int3), programs linked to low addresses above (the invalid 0x60); the
 * lowest byte is free, so a trampoline may stand at 256 addresses. */
#define DISTANCE_BELOW ((int64_t)(int32_t)0xcccccc00)
#define DISTANCE_ABOVE ((int64_t)0x60606000)
#define INT3 0xcc
#define SPAN_MAX (700ull << 20) /* of the text: less than the distances */

struct build {
	const struct elf_text *t;
	struct image_report *rep;
	int out;
	struct image_header head;
	VEC(struct image_entry) near, far;
	site_list sites;
	struct survey survey;
	int64_t reach;	   /* DISTANCE_* */
	uint64_t area;	   /* its address */
	uint64_t last_end; /* end of the last group */
	uint64_t tramp;	   /* next free address for trampolines and near stubs */
	uint64_t stub;	   /* and for far stubs */
	uint64_t stub_end;
	uint8_t *mem; /* the image up to the end of its area, growing */
	uint64_t mem_len;
	int error;
};

/* Text and area are built in memory, and written at the end. */
static void emit_at(struct build *b, uint64_t off, const void *data, size_t n)
{
	if (off > b->mem_len || n > b->mem_len - off)
		b->error = EFBIG;
	else
		memcpy(b->mem + off, data, n);
}

static void write_at(struct build *b, uint64_t off, const void *data, size_t n)
{
	if (!b->error && pwrite(b->out, data, n, (off_t)off) != (ssize_t)n)
		b->error = errno ? errno : EIO;
}

static bool all_zero(const uint8_t *p, size_t n)
{
	return !*p && !memcmp(p, p + 1, n - 1);
}

/* What is empty stays a hole. */
static void write_mem(struct build *b, uint64_t end)
{
	uint64_t from = PAGE, at;
	for (at = PAGE; at < end; at += PAGE) {
		if (!all_zero(b->mem + at, PAGE))
			continue;
		if (at > from)
			write_at(b, from, b->mem + from, at - from);
		from = at + PAGE;
	}
	if (at > from)
		write_at(b, from, b->mem + from, at - from);
}

static void write_text(struct build *b, uint64_t vaddr, const void *data, size_t n)
{
	uint64_t at = vaddr - b->head.vaddr;
	for (unsigned i = 0; i < b->head.nsegs; i++) {
		const struct image_seg *s = &b->head.seg[i];
		if (at >= s->base && at - s->base < s->len)
			emit_at(b, s->text_off + (at - s->base), data, n);
	}
}

static void write_area(struct build *b, uint64_t vaddr, const void *data, size_t n)
{
	emit_at(b, b->head.area_off + (vaddr - b->area), data, n);
}

static void leave(struct build *b, uint64_t addr, uint8_t kind, enum left_why why)
{
	*VEC_PUSH(&b->rep->left) = (struct image_left){addr, kind, (uint8_t)why};
}

/* What the group's jump can reach: 256 addresses from here. */
static uint64_t window_of(const struct build *b, uint64_t start)
{
	return start + JUMP_LEN + (uint64_t)b->reach;
}

/* Where the group's trampoline (or its stub) can stand, or 0. */
static uint64_t place(struct build *b, const struct group *g)
{
	uint64_t window = window_of(b, g->start);
	uint64_t at = b->tramp > window ? b->tramp : window;
	if (g->insns[0].len == 1) {
		/* The second byte of the jump is an instruction's first: it must trap too. */
		uint64_t only = window + (b->reach < 0 ? INT3 : 0x60);
		return at <= only ? only : 0;
	}
	return at <= window + 0xff ? at : 0;
}

static void add_entries(struct build *b, uint64_t start, uint32_t len, const struct stub *s, bool near)
{
	for (unsigned i = 0; i < s->nsteps; i++) {
		struct image_entry e = {
			.app = (uint32_t)(s->steps[i].app - b->head.vaddr),
			.stub = (uint32_t)(s->at + s->steps[i].off - b->area),
			.group = (uint32_t)(start - b->head.vaddr),
			.group_len = (uint16_t)len,
			.flags = s->steps[i].trapped ? ENTRY_TRAPPED : 0,
		};
		if (near)
			*VEC_PUSH(&b->near) = e;
		else
			*VEC_PUSH(&b->far) = e;
	}
}

/* Near stubs stand where trampolines do, which saves a jump. They must not run ahead of the
 * text so far that a later group's trampoline is out of its reach. */
#define AHEAD_MAX 0x60

static bool fits_near(const struct build *b, uint64_t window, uint64_t at, unsigned len)
{
	return at + len <= window + AHEAD_MAX + 0x40 && at <= window + AHEAD_MAX && at + len <= b->stub_end;
}

static void keep_stub(struct build *b, uint64_t start, uint32_t len, const struct stub *s, bool near)
{
	write_area(b, s->at, s->code, s->len);
	add_entries(b, start, len, s, near);
	if (near)
		b->tramp = s->at + s->len;
	else
		b->stub += (s->len + 7) & ~7u;
	b->head.patched++;
}

/* The bytes of the text that lead to `at`. */
static void write_jump(struct build *b, const struct group *g, uint64_t at)
{
	uint8_t jump[64];
	memset(jump, INT3, g->len);
	emit_jump(jump, g->start, at);
	write_text(b, g->start, jump, g->len);
	b->last_end = g->start + g->len;
}

static bool patch(struct build *b, const struct group *g, enum left_why *why)
{
	uint8_t jump[JUMP_LEN];
	struct stub s;
	uint64_t at = place(b, g);
	*why = LEFT_WINDOW;
	if (!at || g->len > 64 || stub_emit(b->t, g, at, &s))
		return false;
	if (fits_near(b, window_of(b, g->start), at, s.len)) {
		keep_stub(b, g->start, g->len, &s, true);
		write_jump(b, g, at);
		return true;
	}
	if (stub_emit(b->t, g, b->stub, &s))
		return false;
	emit_jump(jump, at, b->stub);
	write_area(b, at, jump, JUMP_LEN);
	b->tramp = at + JUMP_LEN;
	keep_stub(b, g->start, g->len, &s, false);
	write_jump(b, g, at);
	return true;
}

/* A jump or call with four bytes of distance: they lead to a stub now. */
static bool retarget(struct build *b, const struct insn *in, enum left_why *why)
{
	struct stub s;
	uint64_t window = window_of(b, in->addr), at = b->tramp > window ? b->tramp : window;
	*why = LEFT_WINDOW;
	if (stub_emit_on_way(in, at, &s))
		return false;
	bool near = fits_near(b, window, at, s.len);
	if (!near && stub_emit_on_way(in, b->stub, &s))
		return false;
	int64_t far = (int64_t)(s.at - (in->addr + in->len));
	int32_t d = (int32_t)far;
	if (d != far)
		return false;
	keep_stub(b, in->addr, 0, &s, near);
	write_text(b, in->addr + in->len - 4, &d, 4);
	b->last_end = in->addr + in->len;
	return true;
}

/* What has no stub and is no system call traps where it stands. */
static void plant(struct build *b, const struct site *site, uint64_t addr)
{
	static const uint8_t int3 = INT3;
	*VEC_PUSH(&b->sites) = *site;
	b->rep->traps++;
	write_text(b, addr, &int3, 1);
}

/* In text that no function describes. */
static void plant_suspects(struct build *b)
{
	site_list l = {0};
	sites_suspects(b->t, &l);
	for (size_t i = 0; i < l.n; i++) {
		const struct site *site = &l.at[i];
		if (site->kind == SITE_SUSPECT)
			*VEC_PUSH(&b->sites) = *site;
		else
			plant(b, site, elf_text_addr(b->t, site->offset));
	}
	VEC_FREE(&l);
}

static void copy_text(struct build *b)
{
	for (unsigned i = 0; i < b->head.nsegs; i++) {
		const struct image_seg *s = &b->head.seg[i];
		uint64_t end = s->file_off + s->len;
		end = end < b->t->size ? end : b->t->size;
		emit_at(b, s->text_off, b->t->data + s->file_off, end - s->file_off);
	}
}

/* Room for all that stubs can need; pages that are not touched cost nothing. */
static int get_mem(struct build *b)
{
	b->mem_len = b->head.area_off + 8 * (b->stub - b->area) + (1 << 20);
	b->mem = mmap(NULL, b->mem_len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		      -1, 0);
	if (b->mem == MAP_FAILED)
		b->error = ENOMEM;
	return b->error;
}

/* How many safepoints a group that begins with `index` has. */
static unsigned safe_in(const struct group *g)
{
	unsigned n = 0;
	for (unsigned i = 0; i < g->n; i++)
		n += (g->insns[i].flags & IN_SAFE) != 0;
	return n;
}

static void on_safepoint(struct build *b, const insn_list *l, size_t i)
{
	const struct insn *in = &l->at[i];
	struct group g = {.kind = SITE_SAFEPOINT};
	enum left_why why;
	if (in->addr < b->last_end)
		return; /* in the group of an earlier one */
	bool wide = in->flags & IN_REL32 && in->flags & (IN_CALL | IN_BRANCH);
	if (wide && retarget(b, in, &why))
		b->rep->safepoints++;
	else if (!wide && !plan_group(b->t, l, i, b->last_end, &g, &why) && patch(b, &g, &why))
		b->rep->safepoints += safe_in(&g);
	else
		leave(b, in->addr, SITE_SAFEPOINT, why);
}

/* The sites of a kind, those in functions and those of them with stubs. */
struct counts {
	unsigned *found, *in;
};

static struct counts counts_of(struct image_report *r, enum site_kind kind)
{
	switch (kind) {
	case SITE_SYSCALL:
		return (struct counts){&r->syscalls, &r->syscalls_in};
	case SITE_CPUID:
		return (struct counts){&r->cpuids, &r->cpuids_in};
	case SITE_RDTSC:
	case SITE_RDTSCP:
		return (struct counts){&r->tscs, &r->tscs_in};
	case SITE_XSAVE:
	case SITE_XSAVEC:
		return (struct counts){&r->xsaves, &r->xsaves_in};
	case SITE_FXSAVE:
	case SITE_FNSTENV:
		return (struct counts){&r->x87s, &r->x87s_in};
	default:
		return (struct counts){NULL, NULL};
	}
}

/* Is it displaced by the last group, whose stub does what it must do? */
static bool is_neighbour(const struct build *b, const struct site *site, uint64_t addr)
{
	return addr < b->last_end && site->kind >= SITE_XSAVE;
}

static void on_site(struct build *b, const struct site *site, const insn_list *l, size_t i)
{
	struct group g = {.kind = site->kind};
	enum left_why why;
	uint64_t addr = l->at[i].addr;
	struct counts n = counts_of(b->rep, site->kind);
	if (!n.found) {
		plant(b, site, addr);
		return;
	}
	++*n.found;
	if (is_neighbour(b, site, addr)) {
		++*n.in;
	} else if (!plan_group(b->t, l, i, b->last_end, &g, &why) && patch(b, &g, &why)) {
		b->rep->safepoints += safe_in(&g);
		++*n.in;
	} else {
		leave(b, addr, site->kind, why);
		if (site->kind <= SITE_RDTSCP)
			plant(b, site, addr);
	}
}

/* --- choosing, on several CPUs; then placing, in order --- */

#define CHUNKS_AHEAD 32

/* What was found out about the functions of a chunk. */
struct chosen {
	insn_list *l; /* by function */
	bool *untiled;
	struct safepoint_counts safe;
};

struct choosing {
	const struct elf_text *t;
	const struct survey *s;
	struct chunks chunks;
	struct chosen *at; /* by chunk */
};

static void choose(void *ctx, size_t k)
{
	struct choosing *w = ctx;
	struct chosen *c = &w->at[k];
	struct safepoint_work work = {0};
	size_t first = w->chunks.first[k], n = w->chunks.first[k + 1] - first;
	c->l = xcalloc(n, sizeof(*c->l));
	c->untiled = xcalloc(n, sizeof(*c->untiled));
	for (size_t i = 0; i < n; i++) {
		const struct func *f = &w->t->funcs.at[first + i];
		if (!survey_interesting(w->s, w->t, f))
			continue;
		c->untiled[i] = decode_function(w->t, w->s, f, &c->l[i]);
		if (!c->untiled[i])
			safepoint_choose(w->t, w->s, f, &c->l[i], &work, &c->safe);
	}
	parts_free(&work.parts);
}

static void place_function(struct build *b, const insn_list *l)
{
	struct site site;
	for (size_t i = 0; i < l->n; i++) {
		memset(&site, 0, sizeof(site));
		if (l->at[i].flags & IN_SAFE)
			on_safepoint(b, l, i);
		else if (site_classify(b->t, &l->at[i], &site))
			on_site(b, &site, l, i);
	}
}

static void place_chunk(struct build *b, struct chosen *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		b->rep->untiled += c->untiled[i];
		if (!c->untiled[i])
			place_function(b, &c->l[i]);
		VEC_FREE(&c->l[i]);
	}
	free(c->l);
	free(c->untiled);
	b->rep->loops += c->safe.loops;
	b->rep->calls += c->safe.calls;
	b->rep->dispatches += c->safe.dispatches;
	b->rep->ended += c->safe.ended;
	b->rep->leaning += c->safe.leaning;
	b->rep->live += c->safe.live;
}

static void instrument(struct build *b, const cpu_set_t *cpus)
{
	struct choosing w = {.t = b->t, .s = &b->survey};
	if (get_mem(b))
		return;
	chunks_make(&w.chunks, b->t);
	survey_make(&b->survey, b->t, &w.chunks, cpus);
	w.at = xcalloc(w.chunks.n + 1, sizeof(*w.at));
	struct ahead *a = ahead_start(w.chunks.n, CHUNKS_AHEAD, choose, &w, cpus);
	copy_text(b);
	for (size_t k = 0; k < w.chunks.n; k++) {
		ahead_wait(a, k);
		place_chunk(b, &w.at[k], w.chunks.first[k + 1] - w.chunks.first[k]);
	}
	ahead_end(a);
	for (size_t i = 0; i < b->t->funcs.n; i++)
		b->rep->text_bytes += b->t->funcs.at[i].end - b->t->funcs.at[i].start;
	free(w.at);
	chunks_free(&w.chunks);
	survey_free(&b->survey);
}

/* Text of all segments, then the area: trampolines, as long as the text, and stubs. */
static int lay_out(struct build *b)
{
	struct image_header *h = &b->head;
	uint64_t end = PAGE, last = 0;
	h->vaddr = PAGE_DOWN(b->t->segs.at[0].vaddr);
	for (size_t i = 0; i < b->t->segs.n; i++) {
		const struct segment *s = &b->t->segs.at[i];
		uint64_t off = PAGE_DOWN(s->offset);
		h->seg[h->nsegs++] = (struct image_seg){.file_off = off,
							.len = PAGE_UP(s->offset + s->len) - off,
							.text_off = end,
							.base = PAGE_DOWN(s->vaddr) - h->vaddr};
		end += h->seg[i].len;
		last = h->seg[i].base + h->seg[i].len;
	}
	h->area_off = end;
	b->area = PAGE_DOWN(h->vaddr + JUMP_LEN + (uint64_t)b->reach);
	h->distance = (int64_t)(b->area - h->vaddr);
	b->tramp = b->area;
	b->stub_end = b->stub = b->area + last + 2 * PAGE;
	/* Above the program: before what the runtime needs. */
	return b->reach < 0 || b->stub + last < RUNTIME_BASE ? 0 : -1;
}

static int finish(struct build *b)
{
	struct image_header *h = &b->head;
	size_t near = b->near.n * sizeof(*b->near.at), entries = near + b->far.n * sizeof(*b->far.at),
	       sites = b->sites.n * sizeof(*b->sites.at);
	memcpy(h->magic, IMAGE_MAGIC, sizeof(IMAGE_MAGIC));
	h->version = IMAGE_VERSION;
	h->layout = LAYOUT_STAMP;
	h->area_len = h->patched ? PAGE_UP(b->stub - b->area) : 0;
	b->rep->area_bytes = h->area_len;
	h->nnear = (uint32_t)b->near.n;
	h->nentries = (uint32_t)(b->near.n + b->far.n);
	h->nsites = (uint32_t)b->sites.n;
	h->tables = h->area_off + h->area_len;
	h->size = PAGE_UP(h->tables + entries + sites);
	write_mem(b, h->tables);
	if (near)
		write_at(b, h->tables, b->near.at, near);
	if (entries > near)
		write_at(b, h->tables + near, b->far.at, entries - near);
	if (sites)
		write_at(b, h->tables + entries, b->sites.at, sites);
	if (!b->error && ftruncate(b->out, (off_t)h->size))
		b->error = errno;
	if (!b->error && image_checksum(b->out, h->size, &h->xxh64))
		b->error = EIO;
	write_at(b, 0, h, sizeof(*h));
	return b->error ? err_sys(b->error, "cannot write an instrumented image") : 0;
}

static const char *unfit(const struct elf_text *t)
{
	if (t->textrel)
		return "its text is changed by relocations";
	if (!t->segs.n)
		return "it has no executable segment";
	if (t->segs.n > IMAGE_SEGS)
		return "it has too many executable segments";
	for (size_t i = 0; i < t->segs.n; i++) {
		const struct segment *s = &t->segs.at[i], *first = &t->segs.at[0];
		if (((s->vaddr ^ s->offset) & (PAGE - 1)) || s->vaddr < first->vaddr ||
		    s->vaddr - first->vaddr + s->len > SPAN_MAX)
			return "its segments are not aligned to pages, out of order, or too large";
		if (i && PAGE_DOWN(s->vaddr) < PAGE_UP(s[-1].vaddr + s[-1].len))
			return "its segments share a page";
	}
	return NULL;
}

int image_build(int fd, int out, struct image_report *rep, const cpu_set_t *cpus)
{
	struct elf_text t;
	struct build b = {.t = &t, .rep = rep, .out = out};
	int rc = elf_text_open(&t, fd);
	memset(rep, 0, sizeof(*rep));
	rep->functions = (unsigned)t.funcs.n;
	rep->why_not = rc ? "it is no x86-64 ELF file that says where its functions are" : unfit(&t);
	b.reach = t.fixed ? DISTANCE_ABOVE : DISTANCE_BELOW;
	if (!rep->why_not && lay_out(&b))
		rep->why_not = "the program is linked to addresses too high for stubs";
	if (!rep->why_not) {
		instrument(&b, cpus);
		plant_suspects(&b);
	}
	if (!rep->why_not &&
	    (b.reach > 0 ? b.stub >= RUNTIME_BASE : b.stub - b.area >= (uint64_t)-b.head.distance))
		rep->why_not = "it has too much text for its stubs";
	if (!rep->why_not && !b.head.patched && !b.sites.n)
		rep->why_not = "there is nothing in it to change";
	rc = rep->why_not ? 1 : finish(&b);
	if (b.mem && b.mem != MAP_FAILED)
		munmap(b.mem, b.mem_len);
	VEC_FREE(&b.near);
	VEC_FREE(&b.far);
	VEC_FREE(&b.sites);
	elf_text_close(&t);
	return rc;
}

const char *left_text(enum left_why why)
{
	static const char *const text[LEFT_MAX] = {
		[LEFT_TARGET] = "a branch goes where the jump would be",
		[LEFT_NEIGHBOR] = "an instruction beside it cannot be displaced",
		[LEFT_WINDOW] = "no room for a trampoline in reach",
	};
	return why < LEFT_MAX ? text[why] : "unknown";
}

/* Pages of code that no file describes (fetch.c): what is known of them, and the int3s there. */
#include "record/fetchpages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <xxhash.h>

#include "base/err.h"
#include "task/remote.h"

#define PAGE_UP(x) (((x) + FETCH_PAGE - 1) & ~(FETCH_PAGE - 1))

struct fetch_page *fetch_find(const struct rmm *mm, uint64_t addr)
{
	return hmap_get(&mm->fetch, addr & ~(FETCH_PAGE - 1));
}

struct fetch_page *fetch_get(struct rmm *mm, uint64_t page)
{
	struct fetch_page *p = hmap_get(&mm->fetch, page);
	if (p)
		return p;
	p = xcalloc(1, sizeof(*p));
	p->page = page;
	hmap_set(&mm->fetch, page, p);
	return p;
}

static void free_page(struct fetch_page *p)
{
	VEC_FREE(&p->l);
	free(p->seen);
	VEC_FREE(&p->past);
	free(p);
}

/* The mapping of the code at `addr` that is looked at, or NULL: there is none. */
const struct mapping *fetch_code_at(const struct rmm *mm, uint64_t addr)
{
	const struct mapping *m = space_find(&mm->space, addr);
	const struct fetch_page *p = m && !fetch_is_code(m) ? fetch_find(mm, addr) : NULL;
	return m && (p ? p->text && m->recorded.prot & PROT_EXEC : fetch_is_code(m)) ? m : NULL;
}

void fetch_protect(struct recorder *s, struct rtask *t, uint64_t lo, uint64_t hi, uint32_t prot)
{
	int64_t r = remote_one(t->tid, REMOTE_RECORD, SYS_mprotect, lo, hi - lo, prot, 0, 0, 0);
	if (!r || r == -ESRCH)
		return;
	err_sys((int)-r, "task %d: cannot protect its code at 0x%llx", t->tid, (unsigned long long)lo);
	rec_fail(s);
}

uint32_t fetch_held_prot(const struct mapping *m)
{
	return m->recorded.prot & ~(uint32_t)PROT_EXEC;
}

uint32_t fetch_open_prot(const struct mapping *m)
{
	return m->recorded.prot & ~(uint32_t)PROT_WRITE;
}

/* --- code in shared memory, which is often written at one address and executed at another --- */

static void note_object(struct rmm *mm, uint64_t object)
{
	for (size_t i = 0; i < mm->code_objects.n; i++) {
		if (mm->code_objects.at[i] == object)
			return;
	}
	*VEC_PUSH(&mm->code_objects) = object;
}

/* Where does `v` show what is at [lo, hi) of `m`? *lo and *hi become that. */
static bool shows(const struct mapping *v, const struct mapping *m, uint64_t *lo, uint64_t *hi)
{
	uint64_t from = m->recorded.offset + (*lo - m->recorded.start), to = from + (*hi - *lo);
	uint64_t first = v->recorded.offset, end = first + (v->recorded.end - v->recorded.start);
	if (!fetch_is_shared(v) || v->object != m->object)
		return false;
	from = from > first ? from : first;
	to = to < end ? to : end;
	*lo = v->recorded.start + (from - first);
	*hi = v->recorded.start + (to - first);
	return from < to;
}

static uint64_t sum_of(const uint8_t *bytes)
{
	return XXH3_64bits(bytes, FETCH_PAGE) | 1;
}

/* Another process may have written to the open page, which is not noticed when it happens. */
static void check_page(struct recorder *s, struct rtask *t, struct fetch_page *p)
{
	uint8_t bytes[FETCH_PAGE];
	bool same = !p->open || !p->sum || mem_read(t->tid, p->page, bytes, sizeof(bytes)) != sizeof(bytes) ||
		    sum_of(bytes) == p->sum;
	if (!same && !s->warned_code)
		say("task %d executes memory that another process has written, at 0x%llx: should there be "
		    "rdtsc or cpuid, replay will not be exact",
		    t->tid, (unsigned long long)p->page);
	s->warned_code |= !same;
}

void fetch_check(struct recorder *s)
{
	struct rtask *t;
	for (size_t i = 0; (t = task_next_mm(s, &i));) {
		struct fetch_page *p;
		for (size_t j = 0; t->mm->code_objects.n && (p = hmap_next(&t->mm->fetch, &j));)
			check_page(s, t, p);
	}
}

/* The other views of what is opened cannot be written. Those that may be executed are open or held. */
static void shut(struct recorder *s, struct rtask *t, const struct mapping *v, uint64_t lo, uint64_t hi)
{
	uint32_t prot = v->recorded.prot & ~(uint32_t)(PROT_WRITE | PROT_EXEC);
	if (!(v->recorded.prot & PROT_EXEC)) {
		fetch_protect(s, t, lo, hi, prot);
		return;
	}
	for (uint64_t at = lo; at < hi; at += FETCH_PAGE) {
		const struct fetch_page *p = fetch_find(t->mm, at);
		if (!p || !p->open)
			fetch_protect(s, t, at, at + FETCH_PAGE, prot);
	}
}

void fetch_open(struct recorder *s, struct rtask *t, const struct mapping *m, uint64_t lo, uint64_t hi)
{
	uint8_t bytes[FETCH_PAGE];
	const struct space *sp = &t->mm->space;
	for (const struct mapping *v = fetch_is_shared(m) ? space_first(sp) : NULL; v; v = space_next(sp, v)) {
		uint64_t from = lo, to = hi;
		if (v != m && v->recorded.prot & PROT_WRITE && shows(v, m, &from, &to))
			shut(s, t, v, from, to);
	}
	fetch_protect(s, t, lo, hi, fetch_open_prot(m));
	for (uint64_t at = lo; fetch_is_shared(m) && at < hi; at += FETCH_PAGE) {
		size_t n = mem_read(t->tid, at, bytes, sizeof(bytes));
		fetch_get(t->mm, at)->sum = n == sizeof(bytes) ? sum_of(bytes) : 0;
	}
}

struct fetch_page *fetch_hold_shared(struct recorder *s, struct rtask *t, const struct mapping *m,
				     uint64_t lo, uint64_t hi, uint64_t ip)
{
	const struct space *sp = &t->mm->space;
	struct fetch_page *on = NULL;
	for (const struct mapping *v = space_first(sp); v; v = space_next(sp, v)) {
		uint64_t from = lo, to = hi;
		if (!shows(v, m, &from, &to))
			continue;
		for (uint64_t at = from; v->recorded.prot & PROT_EXEC && at < to; at += FETCH_PAGE) {
			struct fetch_page *p = fetch_find(t->mm, at);
			if (!p || !p->open)
				continue;
			check_page(s, t, p);
			p->open = false;
			if (ip + FETCH_INSN_MAX > at && ip < at + FETCH_PAGE)
				on = p;
		}
		if (v->recorded.prot & (PROT_EXEC | PROT_WRITE))
			fetch_protect(s, t, from, to, fetch_held_prot(v));
		for (uint64_t at = from; v->recorded.prot & PROT_EXEC && at < to; at += FETCH_PAGE) {
			struct fetch_page *p = fetch_find(t->mm, at);
			if (p && p->free)
				fetch_protect(s, t, at, at + FETCH_PAGE, v->recorded.prot);
		}
	}
	return on;
}

/* Is any of the code open that `m` shows at [lo, hi)? */
static bool any_open(const struct rmm *mm, const struct mapping *m, uint64_t lo, uint64_t hi)
{
	const struct fetch_page *p;
	for (size_t i = 0; (p = hmap_next(&mm->fetch, &i));) {
		const struct mapping *v = p->open ? space_find(&mm->space, p->page) : NULL;
		uint64_t from = lo, to = hi;
		if (v && shows(v, m, &from, &to) && p->page >= from && p->page < to)
			return true;
	}
	return false;
}

void fetch_unshut(struct recorder *s, struct rtask *t)
{
	const struct space *sp = &t->mm->space;
	for (const struct mapping *v = t->mm->shut ? space_first(sp) : NULL; v; v = space_next(sp, v)) {
		if (fetch_is_view(t->mm, v))
			fetch_hold_shared(s, t, v, v->recorded.start, v->recorded.end, 0);
	}
	t->mm->shut = false;
}

bool fetch_file_written(struct recorder *s, struct rtask *t, uint64_t dev, uint64_t ino)
{
	const struct space *sp = &t->mm->space;
	bool any = false;
	for (const struct mapping *v = t->mm->code_objects.n ? space_first(sp) : NULL; v;
	     v = space_next(sp, v)) {
		const struct kernel_mapping *k = &v->recorded;
		if (k->dev != dev || k->ino != ino || !fetch_is_shared(v) || !any_open(t->mm, v, k->start, k->end))
			continue;
		fetch_hold_shared(s, t, v, k->start, k->end, 0);
		any = true;
	}
	return any;
}

/* --- int3s --- */

void fetch_plant(struct rtask *t, const struct suspect *su)
{
	static const uint8_t int3 = 0xcc;
	struct fetch_plant p = {.at = su->addr};
	struct site site = {.kind = su->kind, .len = su->len};
	if (mem_read(t->tid, p.at, &p.was, 1) != 1 || mem_write(t->tid, p.at, &int3, 1))
		return;
	*VEC_PUSH(&t->mm->fetch_plants) = p;
	planted_add(t->mm, p.at, &site);
}

/* Those in [lo, hi) are in memory no more. */
static void drop(struct rmm *mm, uint64_t lo, uint64_t hi)
{
	size_t n = 0;
	for (size_t i = 0; i < mm->fetch_plants.n; i++) {
		struct fetch_plant p = mm->fetch_plants.at[i];
		if (p.at - lo >= hi - lo)
			mm->fetch_plants.at[n++] = p;
		else
			planted_remove(mm, p.at);
	}
	mm->fetch_plants.n = n;
}

void fetch_pull(struct rtask *t, uint64_t lo, uint64_t hi)
{
	for (size_t i = 0; i < t->mm->fetch_plants.n; i++) {
		const struct fetch_plant *p = &t->mm->fetch_plants.at[i];
		if (p->at - lo < hi - lo)
			mem_write(t->tid, p->at, &p->was, 1);
	}
	drop(t->mm, lo, hi);
}

void fetch_show(struct rtask *t, bool planted)
{
	static const uint8_t int3 = 0xcc;
	for (size_t i = 0; i < t->mm->fetch_plants.n; i++) {
		const struct fetch_plant *p = &t->mm->fetch_plants.at[i];
		mem_write(t->tid, p->at, planted ? &int3 : &p->was, 1);
	}
}

/* --- pages that change --- */

/* Hold the page, which is open: what is known of its content is not true any more. */
void fetch_hold(struct recorder *s, struct rtask *t, struct fetch_page *p, const struct mapping *m)
{
	if (fetch_is_shared(m)) {
		fetch_hold_shared(s, t, m, p->page, p->page + FETCH_PAGE, 0);
		return;
	}
	/* What begins on the page before may end on this one. */
	fetch_pull(t, p->page - FETCH_INSN_MAX, p->page + FETCH_PAGE);
	p->open = false;
	fetch_protect(s, t, p->page, p->page + FETCH_PAGE, fetch_held_prot(m));
}

bool fetch_written(struct recorder *s, struct rtask *t, uint64_t addr, uint64_t len)
{
	uint64_t end = addr + len;
	bool any = false;
	if (!t->mm->fetch.n || end < addr)
		return false;
	for (struct mapping *m = space_from(&t->mm->space, addr); m && m->recorded.start < end;
	     m = space_from(&t->mm->space, m->recorded.end)) {
		if (!fetch_is_code(m) && !fetch_is_view(t->mm, m))
			continue;
		uint64_t lo = addr > m->recorded.start ? addr & ~(FETCH_PAGE - 1) : m->recorded.start,
			 hi = end < m->recorded.end ? PAGE_UP(end) : m->recorded.end;
		if (fetch_is_shared(m)) {
			if (any_open(t->mm, m, lo, hi)) {
				fetch_hold_shared(s, t, m, lo, hi, 0);
				any = true;
			}
			continue;
		}
		for (uint64_t page = lo; page < hi; page += FETCH_PAGE) {
			struct fetch_page *p = fetch_find(t->mm, page);
			if (!p || !p->open)
				continue;
			fetch_hold(s, t, p, m);
			any = true;
		}
	}
	return any;
}

void fetch_written_by_other(struct rtask *t)
{
	struct fetch_page *p;
	for (size_t i = 0; (p = hmap_next(&t->mm->fetch, &i));) {
		t->mm->hold_due |= p->open;
		p->sum = 0;
	}
	fetch_pull(t, 0, UINT64_MAX);
}

void fetch_settle(struct recorder *s, struct rtask *t)
{
	struct fetch_page *p;
	t->mm->hold_due = false;
	for (size_t i = 0; (p = hmap_next(&t->mm->fetch, &i));) {
		const struct mapping *m = p->open && !p->free ? fetch_code_at(t->mm, p->page) : NULL;
		if (m)
			fetch_hold(s, t, p, m);
	}
}

bool fetch_any_open(const struct rmm *mm)
{
	struct fetch_page *p;
	for (size_t i = 0; (p = hmap_next(&mm->fetch, &i));) {
		const struct mapping *m = p->open && !p->free ? fetch_code_at(mm, p->page) : NULL;
		if (m && (m->recorded.prot & PROT_WRITE || fetch_is_shared(m)))
			return true;
	}
	return false;
}

/* Nothing is known of the pages in [lo, hi) any more. */
static void forget(struct rmm *mm, uint64_t lo, uint64_t hi, bool gone)
{
	VEC(struct fetch_page *) in = {0};
	struct fetch_page *p;
	for (size_t i = 0; (p = hmap_next(&mm->fetch, &i));) {
		if (p->page - lo < hi - lo)
			*VEC_PUSH(&in) = p;
	}
	for (size_t i = 0; i < in.n; i++) {
		/* Views of open pages are still shut. */
		mm->shut |= in.at[i]->open && mm->code_objects.n;
		in.at[i]->open = in.at[i]->free = false;
		if (!gone)
			continue;
		hmap_del(&mm->fetch, in.at[i]->page);
		free_page(in.at[i]);
	}
	VEC_FREE(&in);
}

void fetch_gone(struct rmm *mm, uint64_t start, uint64_t end)
{
	if (mm->fetch.n)
		forget(mm, start, end, true);
	drop(mm, start, end);
}

void fetch_moved(struct rtask *t, uint64_t from, uint64_t len, uint64_t to)
{
	for (size_t i = 0; i < t->mm->fetch_plants.n; i++) {
		const struct fetch_plant *p = &t->mm->fetch_plants.at[i];
		if (p->at - from < len)
			mem_write(t->tid, to + (p->at - from), &p->was, 1);
	}
	fetch_gone(t->mm, from, from + len);
}

/* Hold the pages of files' text in [start, end). */
static void hold_text(struct recorder *s, struct rtask *t, uint64_t start, uint64_t end)
{
	struct fetch_page *p;
	const struct mapping *m;
	for (size_t i = 0; (p = hmap_next(&t->mm->fetch, &i));) {
		if (p->text && p->page - start < end - start && (m = fetch_code_at(t->mm, p->page)))
			fetch_protect(s, t, p->page, p->page + FETCH_PAGE, fetch_held_prot(m));
	}
}

void fetch_text(struct rmm *mm, uint64_t addr)
{
	fetch_get(mm, addr & ~(FETCH_PAGE - 1))->text = true;
}

void fetch_mapped(struct recorder *s, struct rtask *t, uint64_t start, uint64_t end)
{
	bool any = false;
	fetch_pull(t, start, end);
	if (t->mm->fetch.n)
		forget(t->mm, start, end, false);
	for (struct mapping *m = space_from(&t->mm->space, start); m && m->recorded.start < end;
	     m = space_from(&t->mm->space, m->recorded.end)) {
		if (fetch_is_code(m) && fetch_is_shared(m))
			note_object(t->mm, m->object);
		else if (fetch_is_view(t->mm, m))
			t->mm->shut = any = true;
		if (!fetch_is_code(m))
			continue;
		any = true;
		if (!t->held_back)
			fetch_protect(s, t, start > m->recorded.start ? start : m->recorded.start,
				      end < m->recorded.end ? end : m->recorded.end, fetch_held_prot(m));
	}
	hold_text(s, t, start, end);
	if (any) {
		t->mm->holds_code = true;
		buffer_note_own(t->mm);
	}
}

bool fetch_code(const struct rmm *mm, uint64_t addr, struct kernel_mapping *k)
{
	const struct mapping *m = mm->fetch.n || mm->holds_code ? space_find(&mm->space, addr) : NULL;
	const struct fetch_page *p;
	bool any = m && (fetch_is_code(m) || fetch_is_view(mm, m));
	for (size_t i = 0; m && !any && (p = hmap_next(&mm->fetch, &i));)
		any = p->text && p->page - m->recorded.start < m->recorded.end - m->recorded.start;
	if (any)
		*k = m->recorded;
	return any;
}

/* --- calls --- */

/* Would all that the call gives this protection be such code? */
static bool all_code(const struct rmm *mm, uint64_t start, uint64_t end)
{
	for (uint64_t at = start; at < end;) {
		const struct mapping *m = space_find(&mm->space, at);
		struct mapping code;
		if (!m) /* a stack that has grown, or the call comes no further */
			return at > start;
		code = *m;
		code.recorded.prot |= PROT_EXEC;
		if (!fetch_is_code(&code))
			return false;
		at = m->recorded.end;
	}
	return true;
}

void fetch_start(struct recorder *s, struct rtask *t, struct call *c)
{
	int cls = sys_row(c->nr)->cls;
	uint64_t start = c->args[0], end = start + PAGE_UP(c->args[1]);
	t->held_back = false;
	if ((cls != C_MMAP && cls != C_MPROTECT) || !(c->args[2] & PROT_EXEC) || t->proc->read_implies_exec)
		return;
	if (cls == C_MMAP)
		t->held_back = c->args[3] & MAP_ANONYMOUS && (c->args[3] & 0xf) == MAP_PRIVATE &&
			       !(c->args[3] & MAP_GROWSDOWN);
	if (cls == C_MPROTECT)
		t->held_back = all_code(t->mm, start, end);
	if (t->held_back)
		c->args[2] &= ~(uint64_t)PROT_EXEC;
}

uint32_t fetch_prot(const struct rtask *t, uint64_t addr, uint32_t prot)
{
	const struct mapping *m = space_find(&t->mm->space, addr);
	if (t->held_back && prot == (t->args[2] & (PROT_READ | PROT_WRITE)))
		return prot | PROT_EXEC;
	return m && fetch_is_code(m) ? m->recorded.prot : prot;
}

/* --- address spaces --- */

void fetch_copy(struct rmm *to, const struct rmm *from)
{
	struct fetch_page *p;
	to->holds_code = from->holds_code;
	to->shut = from->shut;
	to->hold_due = from->hold_due;
	for (size_t i = 0; i < from->code_objects.n; i++)
		*VEC_PUSH(&to->code_objects) = from->code_objects.at[i];
	for (size_t i = 0; (p = hmap_next(&from->fetch, &i));) {
		struct fetch_page *q = fetch_get(to, p->page);
		*q = (struct fetch_page){.page = p->page,
					 .open = p->open,
					 .text = p->text,
					 .free = p->free,
					 .sum = p->sum,
					 .steps = p->steps,
					 .flips = p->flips};
	}
	for (size_t i = 0; i < from->fetch_plants.n; i++)
		*VEC_PUSH(&to->fetch_plants) = from->fetch_plants.at[i];
	for (size_t i = 0; i < from->fetch_due.n; i++)
		*VEC_PUSH(&to->fetch_due) = from->fetch_due.at[i];
}

void fetch_free(struct rmm *mm)
{
	struct fetch_page *p;
	for (size_t i = 0; (p = hmap_next(&mm->fetch, &i));)
		free_page(p);
	hmap_free(&mm->fetch);
	VEC_FREE(&mm->fetch_plants);
	VEC_FREE(&mm->fetch_due);
	VEC_FREE(&mm->code_objects);
}

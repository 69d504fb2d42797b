/* Code that no file describes, as compilers make it at run time. rdtsc and cpuid there trap neither by
 * themselves, on many machines, nor by int3, since nobody knows which bytes are instructions. So a page of
 * such code is held at first: the program believes that it may execute it, and faults when it does. Then its
 * bytes are searched for what may be one of these instructions. Where there is nothing, the page is opened.
 * Where control leads to one, as far as jumps tell, it becomes an int3, whose trap goes on record as any
 * (insn.c). An open page cannot be written: who does faults, and it is held again.
 *
 * What is neither known to be an instruction nor a part of another one may be data that stands between code.
 * While there is such a suspect, the task steps through the page, up to a limit: who gets to the suspect
 * executes it. The int3s are in memory while the program runs, but not in what goes on record of it: at
 * replay nothing is held until shortly before such an instruction (replay/held.c). */
#include "record/session.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "base/err.h"
#include "rewrite/decode.h"
#include "rewrite/suspects.h"
#include "task/remote.h"

#define PAGE 4096ull
#define PAGE_UP(x) (((x) + PAGE - 1) & ~(PAGE - 1))
#define CHUNK (64 * PAGE) /* pages that only mprotect makes writable are opened together, so many */
#define STEPS_MAX 300	  /* in one page with suspects */
#define FLIPS_MAX 2000	  /* times that a page is held again because it is written */
#define INSN_MAX 15

/* A page of such code. One that has no entry is held. */
struct fetch_page {
	uint64_t page;
	bool open;
	bool free; /* it was written and executed in turns too often: nothing is found there any more */
	unsigned steps, flips;
	VEC(uint16_t) parts; /* offsets of suspects that are none, in its content of now */
};

static struct fetch_page *find(const struct rmm *mm, uint64_t addr)
{
	return hmap_get(&mm->fetch, addr & ~(PAGE - 1));
}

static struct fetch_page *get(struct rmm *mm, uint64_t page)
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
	VEC_FREE(&p->parts);
	free(p);
}

/* Such code may be in the mapping. */
static bool is_code(const struct mapping *m)
{
	const struct kernel_mapping *k = &m->recorded;
	return m->source == SRC_ZERO && k->flags & MAPF_ANON &&
	       !(k->flags & (MAPF_SHARED | MAPF_GROWSDOWN)) && k->prot & PROT_EXEC &&
	       (k->name[0] != '[' || !strcmp(k->name, "[heap]"));
}

static void protect(struct recorder *s, struct rtask *t, uint64_t lo, uint64_t hi, uint32_t prot)
{
	int64_t r = remote_one(t->tid, REMOTE_RECORD, SYS_mprotect, lo, hi - lo, prot, 0, 0, 0);
	if (!r || r == -ESRCH)
		return;
	err_sys((int)-r, "task %d: cannot protect its code at 0x%llx", t->tid, (unsigned long long)lo);
	rec_fail(s);
}

static uint32_t held_prot(const struct mapping *m)
{
	return m->recorded.prot & ~(uint32_t)PROT_EXEC;
}

static uint32_t open_prot(const struct mapping *m)
{
	return m->recorded.prot & ~(uint32_t)PROT_WRITE;
}

/* --- int3s --- */

static void plant(struct rtask *t, const struct suspect *su)
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

/* Take them out of [lo, hi). */
static void pull(struct rtask *t, uint64_t lo, uint64_t hi)
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
static void hold(struct recorder *s, struct rtask *t, struct fetch_page *p, const struct mapping *m)
{
	/* What begins on the page before may end on this one. */
	pull(t, p->page - INSN_MAX, p->page + PAGE);
	p->open = false;
	p->parts.n = 0;
	protect(s, t, p->page, p->page + PAGE, held_prot(m));
}

bool fetch_written(struct recorder *s, struct rtask *t, uint64_t addr, uint64_t len)
{
	uint64_t end = addr + len;
	bool any = false;
	if (!t->mm->fetch.n || end < addr)
		return false;
	for (struct mapping *m = space_from(&t->mm->space, addr); m && m->recorded.start < end;
	     m = space_from(&t->mm->space, m->recorded.end)) {
		if (!is_code(m))
			continue;
		uint64_t lo = addr > m->recorded.start ? addr & ~(PAGE - 1) : m->recorded.start,
			 hi = end < m->recorded.end ? end : m->recorded.end;
		for (uint64_t page = lo; page < hi; page += PAGE) {
			struct fetch_page *p = find(t->mm, page);
			if (!p || !p->open)
				continue;
			hold(s, t, p, m);
			any = true;
		}
	}
	return any;
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
		in.at[i]->open = in.at[i]->free = false;
		in.at[i]->parts.n = 0;
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

/* What is written at another address is not noticed here. */
static void warn_shared(struct recorder *s, const struct rtask *t, uint64_t start)
{
	const struct mapping *m = space_find(&t->mm->space, start);
	if (s->warned_code || !m || m->source != SRC_OBJECT || !(m->recorded.flags & MAPF_SHARED) ||
	    !(m->recorded.prot & PROT_EXEC))
		return;
	say("task %d executes memory that it can write elsewhere, at 0x%llx: should there be rdtsc or cpuid, "
	    "replay "
	    "will not be exact",
	    t->tid, (unsigned long long)start);
	s->warned_code = true;
}

void fetch_mapped(struct recorder *s, struct rtask *t, uint64_t start, uint64_t end)
{
	bool any = false;
	warn_shared(s, t, start);
	pull(t, start, end);
	if (t->mm->fetch.n)
		forget(t->mm, start, end, false);
	for (struct mapping *m = space_from(&t->mm->space, start); m && m->recorded.start < end;
	     m = space_from(&t->mm->space, m->recorded.end)) {
		if (!is_code(m))
			continue;
		any = true;
		if (!t->held_back)
			protect(s, t, start > m->recorded.start ? start : m->recorded.start,
				end < m->recorded.end ? end : m->recorded.end, held_prot(m));
	}
	if (any) {
		t->mm->holds_code = true;
		buffer_note_own(t->mm);
	}
}

bool fetch_next(const struct rmm *mm, uint64_t addr, uint64_t *lo, uint64_t *hi)
{
	const struct mapping *m = space_from(&mm->space, addr);
	while (m && !is_code(m))
		m = space_from(&mm->space, m->recorded.end);
	if (!m)
		return false;
	*lo = m->recorded.start;
	do
		*hi = m->recorded.end;
	while ((m = space_from(&mm->space, *hi)) && m->recorded.start - *hi <= 16 << 20 && is_code(m));
	return true;
}

bool fetch_code(const struct rmm *mm, uint64_t addr, uint32_t *prot)
{
	const struct mapping *m = mm->holds_code ? space_find(&mm->space, addr) : NULL;
	*prot = m ? m->recorded.prot : 0;
	return m && is_code(m);
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
		if (!is_code(&code))
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
	return m && is_code(m) ? m->recorded.prot : prot;
}

/* --- faults --- */

/* What is being looked at. */
struct look {
	struct recorder *s;
	struct rtask *t;
	const struct mapping *m;
	uint8_t *bytes;
	struct live_code code;
	suspect_list l;
};

/* Read [lo, hi) of the mapping, and what is around it. */
static void look_at(struct look *k, uint64_t lo, uint64_t hi)
{
	uint64_t from = lo - SUSPECT_BEFORE, to = hi + SUSPECT_AFTER;
	k->bytes = xmalloc(to - from);
	if (from < k->m->recorded.start && !space_find(&k->t->mm->space, from))
		from = lo;
	size_t n = mem_read(k->t->tid, from, k->bytes, to - from);
	k->code = (struct live_code){k->bytes, n, from};
	k->l.n = 0;
	suspects_find(&k->code, lo - SUSPECT_LEAST, hi, !k->s->rdtsc_traps, &k->l);
}

static void look_over(struct look *k)
{
	free(k->bytes);
	VEC_FREE(&k->l);
}

static bool known_part(const struct fetch_page *p, uint64_t addr)
{
	for (size_t i = 0; p && i < p->parts.n; i++) {
		if (p->page + p->parts.at[i] == addr)
			return true;
	}
	return false;
}

static bool has_suspect(const struct look *k, uint64_t page)
{
	for (size_t i = 0; i < k->l.n; i++) {
		if (k->l.at[i].addr - page < PAGE)
			return true;
	}
	return false;
}

/* Open the pages of [lo, hi) that are held and hold nothing suspect, neighbours by one call. */
static void open_plain(struct look *k, uint64_t lo, uint64_t hi)
{
	uint64_t from = lo;
	for (uint64_t page = lo; page <= hi; page += PAGE) {
		struct fetch_page *p = page < hi ? get(k->t->mm, page) : NULL;
		if (p && !p->open && !has_suspect(k, page)) {
			p->open = true;
			continue;
		}
		if (from < page)
			protect(k->s, k->t, from, page, open_prot(k->m));
		from = page + PAGE;
	}
}

/* The task executes `ip`: what do the suspects of the page turn out to be? True: all are known. */
static bool resolve(struct look *k, struct fetch_page *p, uint64_t ip)
{
	bool all = true;
	suspects_follow(&k->code, ip, p->page, p->page + PAGE, &k->l);
	suspects_sweep(&k->code, &k->l);
	for (size_t i = 0; i < k->l.n; i++) {
		struct suspect *su = &k->l.at[i];
		if (su->addr - p->page >= PAGE)
			continue;
		if (su->is == SUSPECT_INSN)
			plant(k->t, su);
		else if (su->is == SUSPECT_PART)
			*VEC_PUSH(&p->parts) = (uint16_t)(su->addr - p->page);
		else if (!known_part(p, su->addr))
			all = false;
	}
	return all;
}

/* Make steps until the task leaves the page (0), or its suspects are known, or it has made enough, or one
 * cannot be made (1). -1: something else has stopped it. */
static int step_through(struct look *k, struct fetch_page *p, regs_t *r)
{
	struct look again = *k;
	while (p->steps++ < STEPS_MAX) {
		int rc = stall_step(k->s, k->t, r);
		if (rc <= 0)
			return rc < 0 ? -1 : 1;
		if (r->rip - p->page >= PAGE)
			return 0;
		look_over(k);
		*k = (struct look){.s = again.s, .t = again.t, .m = again.m};
		look_at(k, p->page, p->page + PAGE);
		if (resolve(k, p, r->rip))
			return 1;
	}
	return 1;
}

static int open_page(struct look *k, struct fetch_page *p, regs_t *r)
{
	uint64_t end = p->page + PAGE;
	bool known = resolve(k, p, r->rip);
	protect(k->s, k->t, p->page, end, open_prot(k->m));
	int rc = known || p->steps >= STEPS_MAX ? 1 : step_through(k, p, r);
	if (rc <= 0)
		protect(k->s, k->t, p->page, end, held_prot(k->m));
	p->open = rc > 0;
	return rc;
}

/* It has come to a held page. -1: something else has stopped it meanwhile. */
static int fetched(struct recorder *s, struct rtask *t, const struct mapping *m, uint64_t page, regs_t *r)
{
	struct look k = {.s = s, .t = t, .m = m};
	const struct kernel_mapping *km = &m->recorded;
	uint64_t lo = page, hi = page + PAGE;
	int rc = 1;
	if (!(km->prot & PROT_WRITE)) {
		lo = page & ~(CHUNK - 1);
		hi = lo + CHUNK < km->end ? lo + CHUNK : km->end;
		lo = lo > km->start ? lo : km->start;
	}
	look_at(&k, lo, hi);
	open_plain(&k, lo, hi);
	struct fetch_page *p = get(t->mm, page);
	/* What begins on the page before and ends on this one is looked at when that one is executed. */
	struct fetch_page *before = find(t->mm, lo - PAGE);
	const struct mapping *mb = space_find(&t->mm->space, lo - PAGE);
	if (k.l.n && k.l.at[0].addr < lo && before && before->open && !known_part(before, k.l.at[0].addr) &&
	    mb)
		hold(s, t, before, mb);
	if (!p->open)
		rc = open_page(&k, p, r);
	look_over(&k);
	return rc;
}

static void give_up(struct recorder *s, struct rtask *t, struct fetch_page *p, const struct mapping *m)
{
	p->free = true;
	protect(s, t, p->page, p->page + PAGE, m->recorded.prot);
	if (!s->warned_code)
		say("task %d executes memory that it keeps writing to, at 0x%llx: should there be rdtsc or "
		    "cpuid, "
		    "replay will not be exact",
		    t->tid, (unsigned long long)p->page);
	s->warned_code = true;
}

/* Was it the fetch of an instruction that faulted at `at`, on a held page? One that begins before the page
 * faults where the page begins. */
static bool is_fetch(struct rtask *t, const regs_t *r, uint64_t at)
{
	uint8_t code[INSN_MAX];
	struct insn in;
	ZydisDecoder d;
	if (r->rip == at)
		return true;
	if (at & (PAGE - 1) || at - r->rip >= INSN_MAX)
		return false;
	decode_init(&d);
	size_t n = mem_read(t->tid, r->rip, code, sizeof(code));
	return !decode_bytes(&d, code, n, r->rip, &in) && r->rip + in.len > at;
}

bool fetch_stop(struct recorder *s, struct rtask *t, int sig, const siginfo_t *si)
{
	uint64_t at = (uint64_t)si->si_addr, since = t->user_since;
	regs_t r;
	if (sig != SIGSEGV || si->si_code != SEGV_ACCERR)
		return false;
	const struct mapping *m = space_find(&t->mm->space, at);
	if (!m || !is_code(m) || pt_getregs(t->tid, &r))
		return false;
	struct fetch_page *p = find(t->mm, at);
	bool open = p && p->open;
	if (p && p->free)
		return false;
	if (open ? !(m->recorded.prot & PROT_WRITE) : !is_fetch(t, &r, at))
		return false;
	signal_undo_force(t, SIGSEGV);
	s->stats.fetches++;
	int rc = 1;
	if (!open)
		rc = fetched(s, t, m, at & ~(PAGE - 1), &r);
	else if (++p->flips > FLIPS_MAX)
		give_up(s, t, p, m);
	else
		hold(s, t, p, m);
	if (rc < 0) {
		if (t->has_status)
			stop_handle(s, t);
		return true;
	}
	sched_resume(s, t, PTRACE_CONT, 0, TS_USER);
	t->user_since = since; /* it is no station */
	return true;
}

/* --- address spaces --- */

void fetch_copy(struct rmm *to, const struct rmm *from)
{
	struct fetch_page *p;
	to->holds_code = from->holds_code;
	for (size_t i = 0; (p = hmap_next(&from->fetch, &i));) {
		struct fetch_page *q = get(to, p->page);
		*q = (struct fetch_page){.page = p->page,
					 .open = p->open,
					 .free = p->free,
					 .steps = p->steps,
					 .flips = p->flips};
		for (size_t j = 0; j < p->parts.n; j++)
			*VEC_PUSH(&q->parts) = p->parts.at[j];
	}
	for (size_t i = 0; i < from->fetch_plants.n; i++)
		*VEC_PUSH(&to->fetch_plants) = from->fetch_plants.at[i];
}

void fetch_free(struct rmm *mm)
{
	struct fetch_page *p;
	for (size_t i = 0; (p = hmap_next(&mm->fetch, &i));)
		free_page(p);
	hmap_free(&mm->fetch);
	VEC_FREE(&mm->fetch_plants);
}

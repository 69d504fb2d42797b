/* Code that no file describes: what compilers make at run time, and parts of the text of some files. rdtsc
 * and cpuid there trap neither by themselves, on many machines, nor by int3, since nobody knows which bytes
 * are instructions. So a page of such code is held at first: the program believes that it may execute it, and
 * faults when it does. Then its bytes are searched for what may be one of these instructions. Where there is
 * nothing, the page is opened. Where control leads to one, as far as jumps tell, it becomes an int3, whose
 * trap goes on record as any (insn.c). An open page cannot be written: who does faults, and it is held again.
 *
 * What is neither known to be an instruction nor a part of another one may be data that stands between code.
 * While there is such a suspect, the task steps through the page, up to a limit: who gets to the suspect
 * executes it. The int3s are in memory while the program runs, but not in what goes on record of it: at
 * replay nothing is held until shortly before such an instruction (replay/held.c).
 *
 * Shared memory may be mapped twice, to be written here and executed there. While a page of it is open none
 * of its views can be written. There are no int3s in it, which other processes would execute: the task steps
 * through pages with such instructions for as long as it is on them. */
#include "record/fetchpages.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "base/err.h"
#include "rewrite/decode.h"
#include "task/remote.h"

#define CHUNK (64 * FETCH_PAGE) /* pages that only mprotect makes writable are opened together, so many */
#define STEPS_MAX 2000		/* in one page with suspects */
#define FLIPS_MAX 2000		/* times that a page is held again because it is written: */
#define STEPS_AGAIN 100		/* so many steps more each time */
#define PAST_MAX 64		/* suspects that are remembered of a page */

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

static bool has_suspect(const struct look *k, uint64_t page)
{
	for (size_t i = 0; i < k->l.n; i++) {
		if (k->l.at[i].addr - page < FETCH_PAGE)
			return true;
	}
	return false;
}

/* Open the pages of [lo, hi) that are held and hold nothing suspect, neighbours by one call. */
static void open_plain(struct look *k, uint64_t lo, uint64_t hi)
{
	uint64_t from = lo;
	for (uint64_t page = lo; page <= hi; page += FETCH_PAGE) {
		struct fetch_page *p = page < hi ? fetch_get(k->t->mm, page) : NULL;
		if (p && !p->open && !p->free && !has_suspect(k, page)) {
			p->open = true;
			continue;
		}
		if (from < page)
			fetch_open(k->s, k->t, k->m, from, page);
		from = page + FETCH_PAGE;
	}
}

/* The bytes of the page that were read, or NULL. */
static const uint8_t *page_bytes(const struct look *k, uint64_t page)
{
	uint64_t off = page - k->code.base;
	return page < k->code.base || off + FETCH_PAGE > k->code.len ? NULL : k->bytes + off;
}

/* The offset in the page of the bytes that decide what `su` is: those of each instruction that may contain
 * it. -1: some of them are on another page. */
static int64_t context(const struct fetch_page *p, const struct suspect *su)
{
	uint64_t end = su->addr - p->page + su->len;
	return end < 2 * FETCH_INSN_MAX || end > FETCH_PAGE ? -1 : (int64_t)(end - 2 * FETCH_INSN_MAX);
}

/* Keep what `su` turned out to be when control came to it, with the bytes around it. */
static void remember(struct fetch_page *p, const struct suspect *su)
{
	int64_t from = context(p, su);
	struct fetch_past past = {.su = *su};
	if (from < 0 || !p->seen)
		return;
	memcpy(past.bytes, p->seen + from, sizeof(past.bytes));
	for (size_t i = 0; i < p->past.n; i++) {
		if (p->past.at[i].su.addr == su->addr &&
		    !memcmp(p->past.at[i].bytes, past.bytes, sizeof(past.bytes)))
			return;
	}
	if (p->past.n == PAST_MAX)
		p->past.n = 0;
	*VEC_PUSH(&p->past) = past;
}

/* If `su` has been seen before with the same bytes around it, it is what it was then. */
static void recall(struct fetch_page *p, struct suspect *su)
{
	for (size_t i = 0; i < p->past.n; i++) {
		const struct fetch_past *past = &p->past.at[i];
		if (su->addr - past->su.addr >= past->su.len ||
		    memcmp(p->seen + context(p, &past->su), past->bytes, sizeof(past->bytes)))
			continue;
		*su = past->su;
		return;
	}
}

/* Let the page have the suspects that were found on it. */
static void keep_suspects(struct look *k, struct fetch_page *p)
{
	const uint8_t *now = page_bytes(k, p->page);
	p->l.n = 0;
	for (size_t i = 0; i < k->l.n; i++) {
		if (k->l.at[i].addr - p->page < FETCH_PAGE)
			*VEC_PUSH(&p->l) = k->l.at[i];
	}
	suspects_sweep(&k->code, &p->l);
	if (!now)
		return;
	if (!p->seen)
		p->seen = xcalloc(1, FETCH_PAGE);
	memcpy(p->seen, now, FETCH_PAGE);
	for (size_t i = 0; i < p->l.n; i++)
		recall(p, &p->l.at[i]);
}

static bool is_known(const struct suspect *su)
{
	return su->is == SUSPECT_PART || su->is == SUSPECT_INSN || (su->is == SUSPECT_LIKELY && su->reached);
}

static bool is_shared(const struct look *k)
{
	return k->m->recorded.flags & MAPF_SHARED;
}

/* The task executes `ip`: what do the suspects of the page turn out to be? True: all are known. */
static bool resolve(struct look *k, struct fetch_page *p, uint64_t ip)
{
	bool all = true;
	struct site site;
	suspects_follow(&k->code, ip, p->page, p->page + FETCH_PAGE, &p->l);
	for (size_t i = 0; i < p->l.n; i++) {
		struct suspect *su = &p->l.at[i];
		all &= is_known(su) && !(is_shared(k) && su->is != SUSPECT_PART);
		if (is_known(su) && su->reached)
			remember(p, su);
		if (is_known(su) && !is_shared(k) && su->is != SUSPECT_PART &&
		    !planted_at(k->t->mm, su->addr, &site))
			fetch_plant(k->t, su);
	}
	return all;
}

/* May the instruction at `ip` hold one? */
static bool is_near(const struct fetch_page *p, uint64_t ip)
{
	for (size_t i = 0; i < p->l.n; i++) {
		if (!is_known(&p->l.at[i]) && p->l.at[i].addr - ip < FETCH_INSN_MAX)
			return true;
	}
	return false;
}

/* The kernel takes the flag by which the next steps are made for the program's, unless the task has been
 * resumed otherwise after popf: it makes a call for us. */
static int step_popf(struct look *k, regs_t *r)
{
	int rc = stop_step_any(k->s, k->t, r);
	if (rc == 1 && remote_one(k->t->tid, REMOTE_RECORD, SYS_getpid, 0, 0, 0, 0, 0, 0) == -ESRCH)
		return 0;
	return rc;
}

/* One step. pushf stores the flag by which it is made (pt_hide_step): that is taken out; popf sets flags as
 * the program has them. What steps cannot make (int, popf of that flag) gives 0, the rest as stall_step. */
static int step(struct look *k, regs_t *r)
{
	static const uint8_t two[] = {0x05, 0x01,
				      0xc7}; /* syscall; xgetbv, cmpxchg16b and others like them */
	uint8_t bytes[3] = {0}, *code = bytes;
	uint16_t flags;
	int rc = stall_step(k->s, k->t, r);
	if (rc || mem_read(k->t->tid, r->rip, bytes, 3) != 3)
		return rc;
	code += bytes[0] == 0x48; /* cmpxchg16b */
	if (code[0] == 0x0f && memchr(two, code[1], sizeof(two)))
		return stop_step_any(k->s, k->t, r);
	if (bytes[0] == 0x9d && mem_read(k->t->tid, r->rsp, &flags, 2) == 2 && !(flags & STEP_FLAG))
		return step_popf(k, r);
	if (code[0] != 0x9c)
		return 0;
	rc = stop_step_any(k->s, k->t, r);
	if (rc == 1 && mem_read(k->t->tid, r->rsp, &flags, 2) == 2) {
		flags &= (uint16_t)~STEP_FLAG;
		mem_write(k->t->tid, r->rsp, &flags, 2);
	}
	return rc;
}

/* Is there an instruction of these at `ip`: ours, or one that stands in shared memory? */
static bool is_at(const struct look *k, const struct fetch_page *p, uint64_t ip, struct site *site)
{
	if (!is_shared(k))
		return planted_at(k->t->mm, ip, site);
	for (size_t i = 0; i < p->l.n; i++) {
		const struct suspect *su = &p->l.at[i];
		if (su->addr != ip || !is_known(su) || su->is == SUSPECT_PART)
			continue;
		*site = (struct site){.kind = su->kind, .len = su->len};
		return true;
	}
	return false;
}

/* Does the task have to step as long as it is on the page? */
static bool must_step(const struct look *k, const struct fetch_page *p)
{
	for (size_t i = 0; is_shared(k) && i < p->l.n; i++) {
		if (is_known(&p->l.at[i]) && p->l.at[i].is != SUSPECT_PART)
			return true;
	}
	return false;
}

/* How far it came, while a page has suspects that are not known. */
enum came {
	CAME_STOPPED = -1, /* something else has stopped the task */
	CAME_AWAY,	   /* out of the page */
	CAME_TO_INT3,	   /* to one of ours, or what would be one, which *site tells of */
	CAME_TO_KNOW,	   /* the page may be opened: all is known, or it has stepped enough */
};

static enum came step_through(struct look *k, struct fetch_page *p, regs_t *r, struct site *site)
{
	while (p->steps++ < STEPS_MAX || must_step(k, p)) {
		if (is_at(k, p, r->rip, site))
			return CAME_TO_INT3;
		int rc = step(k, r);
		if (rc <= 0)
			return rc < 0 ? CAME_STOPPED : CAME_TO_KNOW;
		if (r->rip - p->page >= FETCH_PAGE)
			return CAME_AWAY;
		if (is_near(p, r->rip) && resolve(k, p, r->rip))
			return CAME_TO_KNOW;
	}
	return CAME_TO_KNOW;
}

/* The task has stepped enough. */
static void warn_unknown(const struct look *k, const struct fetch_page *p)
{
	for (size_t i = 0; i < p->l.n && !k->s->warned_code; i++) {
		const struct suspect *su = &p->l.at[i];
		if (is_known(su) ? !is_shared(k) || su->is == SUSPECT_PART : su->is != SUSPECT_LIKELY)
			continue;
		say("task %d executes code about which too little is known: should the bytes at 0x%llx be "
		    "executed as "
		    "rdtsc or cpuid, replay will not be exact",
		    k->t->tid, (unsigned long long)su->addr);
		k->s->warned_code = true;
	}
}

static enum came open_page(struct look *k, struct fetch_page *p, regs_t *r, struct site *site)
{
	keep_suspects(k, p);
	bool known = resolve(k, p, r->rip);
	fetch_open(k->s, k->t, k->m, p->page, p->page + FETCH_PAGE);
	enum came c = known || (p->steps >= STEPS_MAX && !must_step(k, p)) ? CAME_TO_KNOW
									   : step_through(k, p, r, site);
	/* A stop that is still to be dealt with, a fault or a call say, would be lost by a call for us. */
	p->open = c == CAME_TO_KNOW || c == CAME_STOPPED;
	if (c == CAME_STOPPED)
		*VEC_PUSH(&k->t->mm->fetch_due) = p->page;
	if (!p->open)
		fetch_hold(k->s, k->t, p, k->m);
	else if (!known && c == CAME_TO_KNOW)
		warn_unknown(k, p);
	return c;
}

/* It has come to a held page. */
static enum came fetched(struct recorder *s, struct rtask *t, const struct mapping *m, uint64_t page,
			 regs_t *r, struct site *site)
{
	struct look k = {.s = s, .t = t, .m = m};
	const struct kernel_mapping *km = &m->recorded;
	uint64_t lo = page, hi = page + FETCH_PAGE;
	enum came c = CAME_TO_KNOW;
	if (!(km->prot & PROT_WRITE) && fetch_is_code(m)) {
		lo = page & ~(CHUNK - 1);
		hi = lo + CHUNK < km->end ? lo + CHUNK : km->end;
		lo = lo > km->start ? lo : km->start;
	}
	look_at(&k, lo, hi);
	open_plain(&k, lo, hi);
	struct fetch_page *p = fetch_get(t->mm, page);
	/* What begins on the page before and ends on this one is looked at when that one is executed. */
	struct fetch_page *before = fetch_find(t->mm, lo - FETCH_PAGE);
	const struct mapping *mb = fetch_code_at(t->mm, lo - FETCH_PAGE);
	if (k.l.n && k.l.at[0].addr < lo && before && before->open && mb)
		fetch_hold(s, t, before, mb);
	if (!p->open)
		c = open_page(&k, p, r, site);
	look_over(&k);
	return c;
}

/* Is the instruction at `ip` on the page, at least in part? */
static bool is_on(const struct fetch_page *p, uint64_t ip)
{
	return ip + FETCH_INSN_MAX > p->page && ip < p->page + FETCH_PAGE;
}

/* An instruction writes to the open page that contains the instruction. Step it while the page is both
 * writable and executable; then hold the page again, because what was written may be code. */
static enum came write_own(struct recorder *s, struct rtask *t, const struct mapping *m, struct fetch_page *p,
			   regs_t *r, struct site *site)
{
	struct look k = {.s = s, .t = t, .m = m};
	if (is_shared(&k))
		fetch_hold(s, t, p, m); /* its other views can be written then */
	else
		fetch_pull(t, p->page - FETCH_INSN_MAX, p->page + FETCH_PAGE);
	fetch_protect(s, t, p->page, p->page + FETCH_PAGE, m->recorded.prot);
	int rc = step(&k, r);
	if (rc < 0) {
		p->open = true;
		p->sum = 0;
		*VEC_PUSH(&t->mm->fetch_due) = p->page;
		return CAME_STOPPED;
	}
	p->open = false;
	if (rc && r->rip - p->page < FETCH_PAGE)
		return fetched(s, t, m, p->page, r, site);
	fetch_protect(s, t, p->page, p->page + FETCH_PAGE, fetch_held_prot(m));
	return CAME_AWAY;
}

/* Hold the pages again that had to stay open, but for the one of `ip`: its instruction may go on to the page
 * that faulted. */
static void hold_due(struct recorder *s, struct rtask *t, uint64_t ip)
{
	struct rmm *mm = t->mm;
	size_t n = 0;
	for (size_t i = 0; i < mm->fetch_due.n; i++) {
		uint64_t page = mm->fetch_due.at[i];
		struct fetch_page *p = fetch_find(mm, page);
		const struct mapping *m = fetch_code_at(mm, page);
		if (!p || !m || !p->open || p->free)
			continue;
		if (ip - page < FETCH_PAGE) {
			mm->fetch_due.at[n++] = page;
			continue;
		}
		fetch_hold(s, t, p, m);
	}
	mm->fetch_due.n = n;
}

static void give_up(struct recorder *s, struct rtask *t, struct fetch_page *p, const struct mapping *m)
{
	if (m->recorded.flags & MAPF_SHARED)
		fetch_hold(s, t, p, m);
	p->free = true;
	p->open = false;
	fetch_protect(s, t, p->page, p->page + FETCH_PAGE, m->recorded.prot);
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
	uint8_t code[FETCH_INSN_MAX];
	struct insn in;
	ZydisDecoder d;
	if (r->rip == at)
		return true;
	if (at & (FETCH_PAGE - 1) || at - r->rip >= FETCH_INSN_MAX)
		return false;
	decode_init(&d);
	size_t n = mem_read(t->tid, r->rip, code, sizeof(code));
	return !decode_bytes(&d, code, n, r->rip, &in) && r->rip + in.len > at;
}

/* A write has faulted at `at` on page `p` of code, or on a view of code: let it happen, and hold the code. */
static enum came written(struct recorder *s, struct rtask *t, const struct mapping *m, struct fetch_page *p,
			 uint64_t at, regs_t *r, struct site *site)
{
	uint64_t page = at & ~(FETCH_PAGE - 1);
	bool on = p && is_on(p, r->rip);
	if (m->recorded.flags & MAPF_SHARED) {
		p = fetch_hold_shared(s, t, m, page, page + FETCH_PAGE, r->rip);
		on = p;
		m = p ? fetch_code_at(t->mm, p->page) : m;
	}
	if (!p)
		return CAME_AWAY;
	/* there is something new to be known */
	p->steps -= p->steps < STEPS_AGAIN ? p->steps : STEPS_AGAIN;
	if (++p->flips > FLIPS_MAX)
		give_up(s, t, p, m);
	else if (on)
		return write_own(s, t, m, p, r, site);
	else
		fetch_hold(s, t, p, m);
	return CAME_AWAY;
}

/* What happens after a stop at such code. */
static struct action came_to(struct recorder *s, struct rtask *t, enum came c, regs_t *r,
			     const struct site *site)
{
	struct action a = act_user();
	a.stretch = true; /* it is no station */
	if (c == CAME_TO_INT3)
		return insn_site(s, t, r, site);
	return c == CAME_STOPPED ? act(ACT_AGAIN) : a;
}

struct action fetch_stop(struct recorder *s, struct rtask *t, int sig, const siginfo_t *si)
{
	uint64_t at = (uint64_t)si->si_addr;
	struct site site;
	regs_t r;
	if (sig != SIGSEGV || si->si_code != SEGV_ACCERR)
		return act(ACT_NOT_MINE);
	const struct mapping *m = fetch_code_at(t->mm, at), *view = space_find(&t->mm->space, at);
	if (view && !fetch_is_view(t->mm, view))
		view = NULL;
	if ((!m && !view) || pt_getregs(t->tid, &r))
		return act(ACT_NOT_MINE);
	struct fetch_page *p = m ? fetch_find(t->mm, at) : NULL;
	bool fetch = !(p && p->open) && is_fetch(t, &r, at);
	if ((p && p->free) || (fetch && !m) ||
	    (!fetch && !view && !(p && p->open && m->recorded.prot & PROT_WRITE)))
		return act(ACT_NOT_MINE);
	signal_undo_force(t, SIGSEGV);
	s->stats.fetches++;
	hold_due(s, t, r.rip);
	enum came c = fetch ? fetched(s, t, m, at & ~(FETCH_PAGE - 1), &r, &site)
			    : written(s, t, m ? m : view, p, at, &r, &site);
	return came_to(s, t, c, &r, &site);
}

/* What changes from one time that a task comes by a place in its code to the next. Replay tells
 * these times apart by registers and what they point to (record/stall.c); where those are the
 * same each time, it must be told which words of memory are not. */
#include "record/session.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "task/checksum.h"
#include "task/machine.h"
#include "task/moment.h"

#define PAGES_MAX 16
#define PAGE 4096

/* --- the next time --- */

static int debug_register(struct rtask *t, unsigned n, uint64_t value)
{
	uint64_t at = offsetof(struct user, u_debugreg) + 8 * n;
	return ptrace(PTRACE_POKEUSER, t->tid, at, value) ? -errno : 0;
}

/* A place that a task is to stop at: by debug register 0, or where the machine has none, by an int3
 * in the code. */
struct watch {
	struct rtask *t;
	uint64_t place;
	bool dr;
	uint8_t was;
};

static int watch_on(struct recorder *s, struct watch *w)
{
	static const uint8_t int3 = 0xcc;
	if (s->debug_registers == DR_UNKNOWN)
		s->debug_registers = machine_debug_registers() ? DR_WORK : DR_IGNORED;
	w->dr = s->debug_registers == DR_WORK;
	/* For execution: bit 0 of DR7, the rest zero (Intel SDM volume 3, 18.2). */
	if (w->dr)
		return debug_register(w->t, 0, w->place) || debug_register(w->t, 7, 1) ? -1 : 0;
	return mem_read(w->t->tid, w->place, &w->was, 1) != 1 || mem_write(w->t->tid, w->place, &int3, 1) ? -1
													  : 0;
}

/* The task may be gone; another of its address space serves then. */
static void watch_off(struct recorder *s, const struct watch *w)
{
	struct rtask *o;
	if (w->dr)
		debug_register(w->t, 7, 0);
	else if (mem_write(w->t->tid, w->place, &w->was, 1) && (o = task_of_mm(s, w->t->mm, w->t)))
		mem_write(o->tid, w->place, &w->was, 1);
}

/* It has stopped with SIGTRAP: because of the watch? */
static bool watch_hit(const struct watch *w, regs_t *r)
{
	siginfo_t si;
	if (pt_siginfo(w->t->tid, &si) || pt_getregs(w->t->tid, r))
		return false;
	if (w->dr)
		return si.si_code == TRAP_HWBKPT;
	if (si.si_code != SI_KERNEL || r->rip != w->place + 1)
		return false;
	signal_undo_force(w->t, SIGTRAP);
	r->rip = w->place;
	return !pt_setregs(w->t->tid, r);
}

/* Wait until it stops, and stop it at the second tick of the timer. */
static int wait_a_tick(struct recorder *s, struct rtask *t)
{
	unsigned ticks = 0;
	for (;;) {
		pid_t r = waitpid(t->tid, &t->status, __WALL);
		if (r == t->tid)
			break;
		if (r < 0 && errno != EINTR)
			return -1;
		if (rec_tick_due() && ++ticks == 2)
			ptrace(PTRACE_INTERRUPT, t->tid, 0, 0);
	}
	s->stats.stops++;
	return 0;
}

/* Let the task come by the place where it is (*r) again. 1: it has; 0: it is elsewhere, or cannot
 * be watched; -1: something else has stopped it. */
static int next_time(struct recorder *s, struct rtask *t, regs_t *r)
{
	struct watch w = {.t = t, .place = r->rip};
	int rc = stall_step(s, t, r);
	if (rc <= 0)
		return rc;
	if (watch_on(s, &w))
		return 0;
	do {
		rc = pt_resume(PTRACE_CONT, t->tid, 0) || wait_a_tick(s, t) ? -1 : 0;
		t->has_status = !rc;
	} while (signal_keep(t));
	watch_off(s, &w);
	t->state = rc ? TS_EXITING : TS_READY;
	if (rc || !WIFSTOPPED(t->status))
		return -1;
	t->has_status = false;
	bool trap = WSTOPSIG(t->status) == SIGTRAP, mine = pt_event(t->status) == PTRACE_EVENT_STOP;
	bool hit = trap && !pt_event(t->status) && watch_hit(&w, r);
	if (hit || (trap && mine && !pt_getregs(t->tid, r)))
		return hit && r->rip == w.place;
	t->has_status = true;
	t->state = TS_READY;
	return -1;
}

/* --- what has changed --- */

struct look {
	regs_t regs;
	struct buf windows;
	uint8_t xstate[XSTATE_MAX];
	size_t xstate_len;
};

static void look(struct rtask *t, const regs_t *r, struct look *l)
{
	ssize_t n = pt_xstate(t->tid, l->xstate, sizeof(l->xstate));
	l->xstate_len = n > 0 ? (size_t)n : 0;
	l->regs = *r;
	l->windows.len = 0;
	moment_look(t->tid, &t->mm->space, r, NULL, 0, &l->windows);
}

static bool same_look(const struct look *a, const struct look *b)
{
	const size_t regs = offsetof(regs_t, orig_rax);
	return !memcmp(&a->regs, &b->regs, regs) && a->regs.rsp == b->regs.rsp &&
	       a->windows.len == b->windows.len &&
	       !memcmp(a->windows.data, b->windows.data, a->windows.len) &&
	       moment_same_xstate(a->xstate, a->xstate_len, b->xstate, b->xstate_len);
}

static unsigned pages_changed(const page_sums *a, const page_sums *b, uint64_t *out)
{
	unsigned n = 0;
	for (size_t i = 0, j = 0; j < b->n && n < PAGES_MAX; j++) {
		while (i < a->n && a->at[i].addr < b->at[j].addr)
			i++;
		if (i == a->n || a->at[i].addr != b->at[j].addr || a->at[i].sum != b->at[j].sum)
			out[n++] = b->at[j].addr;
	}
	return n;
}

/* 1, 0, -1 as next_time. */
static int changed_pages(struct recorder *s, struct rtask *t, regs_t *r, uint64_t *pages, unsigned *n)
{
	page_sums a = {0}, b = {0};
	int rc = checksum_space(t->tid, &t->mm->space, &a) ? 0 : next_time(s, t, r);
	*n = 0;
	if (rc == 1 && !checksum_space(t->tid, &t->mm->space, &b))
		*n = pages_changed(&a, &b, pages);
	VEC_FREE(&a);
	VEC_FREE(&b);
	return rc;
}

static void compare_page(const uint8_t *before, const uint8_t *now, uint64_t page, struct pass_words *w)
{
	for (unsigned i = 0; i < PAGE && w->n < MOMENT_WORDS; i += 8) {
		if (memcmp(before + i, now + i, 8))
			w->at[w->n++] = page + i;
	}
}

static int changed_words(struct recorder *s, struct rtask *t, regs_t *r, struct pass_words *w)
{
	uint64_t pages[PAGES_MAX];
	unsigned n;
	int rc = changed_pages(s, t, r, pages, &n);
	if (rc != 1 || !n)
		return rc;
	uint8_t *before = xcalloc(n, PAGE), now[PAGE];
	for (unsigned i = 0; i < n; i++)
		mem_read(t->tid, pages[i], before + i * PAGE, PAGE);
	rc = next_time(s, t, r);
	for (unsigned i = 0; rc == 1 && i < n; i++) {
		if (mem_read(t->tid, pages[i], now, PAGE) == PAGE)
			compare_page(before + i * PAGE, now, pages[i], w);
	}
	free(before);
	return rc;
}

int passes_learn(struct recorder *s, struct rtask *t, regs_t *r, struct pass_words *w)
{
	struct look *l = xcalloc(2, sizeof(*l));
	w->n = 0;
	look(t, r, &l[0]);
	int rc = next_time(s, t, r);
	if (rc == 1) {
		look(t, r, &l[1]);
		if (same_look(&l[0], &l[1]))
			rc = changed_words(s, t, r, w);
	}
	buf_free(&l[0].windows);
	buf_free(&l[1].windows);
	free(l);
	return rc;
}

/* On the way to a recorded rdtsc or cpuid in code that the program makes at run time, where neither traps by
 * itself. The program may write it on this very way, so its pages cannot be executed at first: when the task
 * comes there, and the instruction has been written, it becomes an int3, and the pages cannot be written any
 * more, nor at another address where the same shared memory is; should the program do that, all begins anew.
 * At the event, and at a stop for the client, memory is as the program left it. */
#include "replay/session.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "layout.h"
#include "rewrite/decode.h"
#include "task/machine.h"

#define PAGE 4096ull
#define INSN_MAX 15

static const uint8_t int3 = 0xcc;

static int protect_range(struct ptask *t, uint64_t lo, uint64_t hi, uint32_t prot)
{
	int64_t r = remote_one(t->pid, REMOTE_REPLAY, SYS_mprotect, lo, hi - lo, prot, 0, 0, 0);
	return r ? err_sys((int)-r, "cannot protect the code of task %d at 0x%llx", t->tid,
			   (unsigned long long)lo)
		 : 0;
}

/* Does `v` show the held pages at other addresses, where they can be written? These are *lo to *hi then. */
static bool is_view(const struct replay *s, const struct ptask *t, const struct mapping *v, uint64_t *lo,
		    uint64_t *hi)
{
	const struct held *f = &s->held;
	const struct mapping *m = space_find(&t->mm->space, f->at);
	if (!m || m == v || m->source != SRC_OBJECT || v->source != SRC_OBJECT || v->object != m->object ||
	    !(v->recorded.flags & MAPF_SHARED) || !(v->recorded.prot & PROT_WRITE))
		return false;
	uint64_t from = m->recorded.offset + (f->lo - m->recorded.start), to = from + (f->hi - f->lo);
	uint64_t first = v->recorded.offset, end = first + (v->recorded.end - v->recorded.start);
	from = from > first ? from : first;
	to = to < end ? to : end;
	*lo = v->recorded.start + (from - first);
	*hi = v->recorded.start + (to - first);
	return from < to;
}

static bool in_view(const struct replay *s, const struct ptask *t, uint64_t addr)
{
	const struct mapping *v = space_find(&t->mm->space, addr);
	uint64_t lo, hi;
	return v && is_view(s, t, v, &lo, &hi) && addr >= lo && addr < hi;
}

/* Set the protection of the pages; only where they cannot be written anywhere they are `shut`. */
static int protect(struct replay *s, struct ptask *t, uint32_t prot, bool shut)
{
	struct held *f = &s->held;
	const struct space *sp = &t->mm->space;
	uint64_t lo, hi;
	for (const struct mapping *v = shut != f->shut ? space_first(sp) : NULL; v; v = space_next(sp, v)) {
		uint32_t own = shut ? v->recorded.prot & ~(uint32_t)PROT_WRITE : v->recorded.prot;
		if (is_view(s, t, v, &lo, &hi) && protect_range(t, lo, hi, own))
			return -1;
	}
	f->shut = shut;
	return protect_range(t, f->lo, f->hi, prot);
}

/* Memory that is shared and not to be written there is written in its object. */
static int put_byte(struct replay *s, struct ptask *t, uint8_t byte)
{
	uint64_t at = s->held.at;
	const struct mapping *m = space_find(&t->mm->space, at);
	const struct pobj *o = m && m->source == SRC_OBJECT ? hmap_get(&s->objects, m->object) : NULL;
	if (!o || !(m->recorded.flags & MAPF_SHARED))
		return mem_write(t->pid, at, &byte, 1);
	return pwrite(o->fd, &byte, 1, (off_t)(m->recorded.offset + (at - m->recorded.start))) == 1 ? 0 : -1;
}

static int decode_at(struct ptask *t, uint64_t addr, struct insn *in)
{
	uint8_t code[INSN_MAX];
	ZydisDecoder d;
	size_t n = mem_read(t->pid, addr, code, sizeof(code));
	points_mask(t->mm, addr, code, n);
	decode_init(&d);
	return decode_bytes(&d, code, n, addr, in);
}

/* Is the recorded instruction in memory? */
static bool is_there(struct replay *s, struct ptask *t)
{
	static const uint16_t mnemonics[] = {[INSN_RDTSC] = ZYDIS_MNEMONIC_RDTSC,
					     [INSN_RDTSCP] = ZYDIS_MNEMONIC_RDTSCP,
					     [INSN_CPUID] = ZYDIS_MNEMONIC_CPUID};
	struct insn in;
	return !decode_at(t, s->held.at, &in) && in.mnemonic == mnemonics[s->ev->code];
}

/* Breakpoints are planted again before the task runs, over this int3 if need be. */
static int plant(struct replay *s, struct ptask *t)
{
	struct held *f = &s->held;
	points_lift(t);
	if (mem_read(t->pid, f->at, &f->was, 1) != 1 || put_byte(s, t, int3))
		return err_set("lost task %d", t->tid);
	f->planted = true;
	return 0;
}

static void pull(struct replay *s, struct ptask *t)
{
	struct held *f = &s->held;
	if (!f->planted)
		return;
	points_lift(t);
	put_byte(s, t, f->was);
	f->planted = false;
}

static bool traps_by_itself(struct replay *s, const struct event *ev)
{
	if (ev->code != INSN_CPUID && !s->rdtsc_known) {
		s->rdtsc_traps = machine_rdtsc_traps();
		s->rdtsc_known = true;
	}
	return ev->code != INSN_CPUID && s->rdtsc_traps;
}

int held_begin(struct replay *s, struct ptask *t, const struct event *ev)
{
	struct held *f = &s->held;
	uint64_t at = (uint64_t)ev->arg[0], len = ev->code == INSN_RDTSCP ? 3 : 2;
	uint8_t now = 0;
	const struct mapping *m = space_find(&t->mm->space, at);
	f->active = false;
	if (ev->code > INSN_CPUID || !m || !(m->recorded.prot & PROT_EXEC) || t->at_entry ||
	    mem_read(t->pid, at, &now, 1) != 1)
		return 0;
	points_mask(t->mm, at, &now, 1);
	if (now == int3 || traps_by_itself(s, ev))
		return 0;
	if (guards_lift(t))
		return -1;
	*f = (struct held){.at = at,
			   .lo = at & ~(PAGE - 1),
			   .hi = (at + len + PAGE - 1) & ~(PAGE - 1),
			   .prot = m->recorded.prot,
			   .active = true,
			   .closed = true};
	return protect(s, t, f->prot & ~(uint32_t)PROT_EXEC, false);
}

int held_tighten(struct replay *s, struct ptask *t)
{
	struct held *f = &s->held;
	f->loose = false;
	f->closed = true;
	return f->active ? protect(s, t, f->prot & ~(uint32_t)PROT_EXEC, false) : 0;
}

int held_end(struct replay *s, struct ptask *t)
{
	struct held *f = &s->held;
	if (!f->active)
		return 0;
	pull(s, t);
	if (guards_lift(t))
		return -1;
	f->active = false;
	return protect(s, t, f->prot, false);
}

/* Did the task fault because it came to execute `addr`? */
static bool is_fetch(struct ptask *t, uint64_t addr)
{
	struct insn in;
	uint64_t ip = t->regs.rip;
	if (ip == addr)
		return true;
	return !(addr & (PAGE - 1)) && addr - ip < INSN_MAX && !decode_at(t, ip, &in) && ip + in.len > addr;
}

int held_fault(struct replay *s, struct ptask *t, int sig, const siginfo_t *si)
{
	struct held *f = &s->held;
	uint64_t addr = (uint64_t)si->si_addr;
	if (!f->active || sig != SIGSEGV || si->si_code != SEGV_ACCERR)
		return 0;
	if (addr < f->lo || addr >= f->hi) {
		if (f->closed || !in_view(s, t, addr))
			return 0;
	} else if (f->closed ? !is_fetch(t, addr) : !(f->prot & PROT_WRITE)) {
		return 0;
	}
	/* An instruction writes to the page that it is on itself: it must be able to do both at once. */
	if (!f->closed && t->regs.rip + INSN_MAX > f->lo && t->regs.rip < f->hi) {
		pull(s, t);
		f->loose = true;
		return protect(s, t, f->prot, false) ? -1 : 1;
	}
	f->closed = !f->closed;
	if (f->closed)
		pull(s, t);
	else if (is_there(s, t) && plant(s, t))
		return -1;
	uint32_t without = f->closed ? PROT_EXEC : PROT_WRITE;
	return protect(s, t, f->prot & ~without, !f->closed) ? -1 : 1;
}

/* One instruction of the program, whatever stands in its place: a stub takes several of the processor's
 * for it, and a buffered call all of the runtime's. */
#include "replay/session.h"

#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "base/err.h"
#include "layout.h"
#include "shared.h"

#define STEPS_MAX 4000 /* of the processor for one of the program's; the longest hook takes some hundred */

static const uint8_t int3 = 0xcc;

static int write_code(struct ptask *t, uint64_t at, const uint8_t *byte)
{
	return mem_write(t->pid, at, byte, 1) ? err_set("lost task %d", t->tid) : 0;
}

/* Single steps until an instruction was made: the end of a call that was skipped is reported first, as
 * TRAP_BRKPT (user_single_step_report, arch/x86/kernel/ptrace.c). A program that is `traced` has set the flag
 * itself, which does the same; asked to step it, the kernel would take its own flag for the program's from
 * then on (enable_single_step). */
static int step_once(struct replay *s, struct ptask *t, bool traced, int *status)
{
	for (;;) {
		siginfo_t si;
		if (resume_and_wait(s, t, traced ? PTRACE_CONT : PTRACE_SINGLESTEP, status))
			return -1;
		if (pt_event(*status) == PTRACE_EVENT_STOP)
			continue; /* from outside */
		if (pt_event(*status) || WSTOPSIG(*status) != SIGTRAP || pt_siginfo(t->pid, &si))
			return 0;
		if (si.si_code == TRAP_TRACE) {
			s->steps++;
			return 1;
		}
		if (si.si_code != TRAP_BRKPT)
			return 0;
	}
}

/* Bytes of the next instruction if it is this one (pushf or popf), with prefixes or without, else 0; *wide:
 * it moves eight bytes, not two. */
static unsigned is_flags_insn(struct ptask *t, uint8_t opcode, bool *wide)
{
	uint8_t code[4] = {0};
	unsigned i = 0;
	mem_read(t->pid, t->regs.rip, code, sizeof(code));
	*wide = true;
	while (i < 3 && (code[i] == 0x66 || (code[i] & 0xf0) == 0x40))
		*wide &= code[i++] != 0x66;
	return code[i] == opcode ? i + 1 : 0;
}

/* Make a popf in place of the task: when the kernel steps over one, it takes the flag by which it steps from
 * then on for the program's (enable_single_step, arch/x86/kernel/step.c). 1: made; 0: the task must; -1. */
static int pop_flags(struct replay *s, struct ptask *t)
{
	const uint64_t settable = 0x244dd5; /* ID AC NT OF DF TF SF ZF AF PF CF */
	uint64_t word = 0, mask;
	bool wide;
	unsigned len = is_flags_insn(t, 0x9d, &wide);
	mask = settable & (wide ? ~0ull : 0xffff);
	if (!len || mem_read(t->pid, t->regs.rsp, &word, wide ? 8 : 2) != (wide ? 8 : 2))
		return 0;
	t->regs.rip += len;
	t->regs.rsp += wide ? 8 : 2;
	t->regs.eflags = (t->regs.eflags & ~mask) | (word & mask);
	s->moved = true;
	s->runs++;
	return pt_setregs(t->pid, &t->regs) ? err_set("lost task %d", t->tid) : 1;
}

/* The flag by which the kernel steps is not the program's: it must not see it in what pushf stored, nor in
 * r11 at a call. */
static int hide_flag(struct ptask *t, int rc, bool pushed, int status)
{
	uint16_t word;
	bool call = !rc && pt_event(status) == PTRACE_EVENT_SECCOMP;
	if ((!call && !(rc == 1 && pushed)) || pt_getregs(t->pid, &t->regs) || t->regs.eflags & STEP_FLAG)
		return 0;
	if (call && !pt_hide_step(&t->regs))
		return 0;
	if (call)
		return pt_setregs(t->pid, &t->regs) ? err_set("lost task %d", t->tid) : 0;
	if (mem_read(t->pid, t->regs.rsp, &word, 2) != 2)
		return 0;
	word &= (uint16_t)~STEP_FLAG;
	return mem_write(t->pid, t->regs.rsp, &word, 2) ? err_set("lost task %d", t->tid) : 0;
}

int step_raw(struct replay *s, struct ptask *t, int *status)
{
	if (pt_getregs(t->pid, &t->regs))
		return err_set("lost task %d", t->tid);
	const struct plant *p = points_at(t->mm, t->regs.rip);
	struct plant was;
	if (p)
		was = *p;
	if (p && write_code(t, was.at, was.was))
		return -1;
	bool wide, pushed = is_flags_insn(t, 0x9c, &wide);
	bool traced = t->regs.eflags & STEP_FLAG; /* then the trap is the program's, too */
	int rc = traced ? 0 : pop_flags(s, t);
	bool stepped = !rc;
	if (stepped)
		rc = step_once(s, t, traced, status);
	if (traced && rc == 1)
		rc = 0;
	bool there = !stepped || (rc >= 0 && WIFSTOPPED(*status));
	if (p && there && mem_write(t->pid, was.at, &int3, 1))
		t->mm->plants_gen = 0;
	if (stepped && there && hide_flag(t, rc, pushed, *status))
		return -1;
	if (rc == 1 && pt_getregs(t->pid, &t->regs))
		return err_set("lost task %d", t->tid);
	if (rc == 1)
		t->visited = 0;
	return rc;
}

/* Does the stub go to the hook of system calls here? */
static bool at_hook(struct ptask *t)
{
	static const uint8_t jump[] = {0xff, 0x24, 0x25};
	const uint32_t to = RUNTIME_HOOK_PTR;
	uint8_t code[7];
	return placed_area(&t->mm->images, t->regs.rip) &&
	       mem_read(t->pid, t->regs.rip, code, sizeof(code)) == sizeof(code) && !memcmp(code, jump, 3) &&
	       !memcmp(code + 3, &to, 4);
}

/* Run through the hook, to `behind` the stub's `syscall`, or to where the call is traced. */
static int through_hook(struct replay *s, struct ptask *t, uint64_t behind, int *status)
{
	bool planted = points_at(t->mm, behind);
	uint8_t was;
	if (!planted && (mem_read(t->pid, behind, &was, 1) != 1 || write_code(t, behind, &int3)))
		return -1;
	int rc = resume_and_wait(s, t, PTRACE_CONT, status);
	if (!planted && WIFSTOPPED(*status) && write_code(t, behind, &was))
		return -1;
	if (rc || pt_event(*status) || WSTOPSIG(*status) != SIGTRAP)
		return rc;
	if (pt_getregs(t->pid, &t->regs))
		return err_set("lost task %d", t->tid);
	if (t->regs.rip != behind + 1)
		return 0;
	t->regs.rip = behind;
	return pt_setregs(t->pid, &t->regs) ? err_set("lost task %d", t->tid) : 1;
}

static bool in_runtime(uint64_t ip)
{
	return ip >= RUNTIME_BASE && ip < RUNTIME_BASE + RUNTIME_CODE_SIZE;
}

/* A stub, and the jump to it, have done the program's instruction when another one comes next. */
bool step_is_whole(struct ptask *t, uint64_t from)
{
	uint64_t to = t->regs.rip;
	return to == from ||
	       (!in_runtime(to) && placed_to_app(&t->mm->images, to) != placed_to_app(&t->mm->images, from));
}

/* Behind the trap of a safepoint on the way of a branch stands the jump to where that leads. */
static bool is_way_on(struct ptask *t)
{
	uint8_t jump[5] = {0};
	int32_t d;
	mem_read(t->pid, t->regs.rip, jump, sizeof(jump));
	memcpy(&d, jump + 1, sizeof(d));
	uint64_t to = t->regs.rip + sizeof(jump) + (uint64_t)(int64_t)d;
	return jump[0] == 0xe9 && to == placed_to_app(&t->mm->images, t->regs.rip);
}

int step_begin(struct replay *s, struct ptask *t)
{
	s->step.app = placed_to_app(&t->mm->images, t->regs.rip);
	s->step.there = t->regs.rip == s->step.app;
	s->step.ticked = false;
	return ticks_passed(t, &s->step.ticks);
}

int step_look(struct replay *s, struct ptask *t)
{
	struct step *p = &s->step;
	uint64_t n;
	uint8_t before = 0;
	bool there = t->regs.rip == p->app, in_stub = placed_area(&t->mm->images, t->regs.rip);
	if (p->ticked || !(in_stub || (there && !p->there)))
		return 0;
	if (ticks_passed(t, &n))
		return -1;
	mem_read(t->pid, t->regs.rip - 1, &before, 1);
	p->ticked = n != p->ticks && (there || (before == int3 && !is_way_on(t)));
	p->there |= there;
	return 0;
}

bool step_is_due(struct replay *s, struct ptask *t)
{
	return !is_way_on(t) || placed_to_app(&t->mm->images, t->regs.rip) == s->step.app;
}

int step_instruction(struct replay *s, struct ptask *t, bool heed, int *status)
{
	if (pt_getregs(t->pid, &t->regs) || ticks_begin(t))
		return err_set("lost task %d", t->tid);
	if (step_begin(s, t))
		return -1;
	for (unsigned n = 0; n < STEPS_MAX; n++) {
		uint64_t from = t->regs.rip;
		const struct plant *p = points_at(t->mm, from);
		if (p && t->visited != from) { /* it came here within a stub */
			if (heed)
				return 2;
			t->visited = from;
			points_visit(s, t, p);
		}
		int rc = at_hook(t) ? through_hook(s, t, t->regs.rcx + 2, status) : step_raw(s, t, status);
		if (rc != 1)
			return rc;
		bool again = s->step.there && t->regs.rip == s->step.app; /* a branch to itself */
		if (step_look(s, t))
			return -1;
		bool away = again || (!in_runtime(t->regs.rip) &&
				      placed_to_app(&t->mm->images, t->regs.rip) != s->step.app);
		if (away || (!in_runtime(from) && step_is_whole(t, from)))
			return 1;
	}
	return 1;
}

/* Where the call leads in whose hook `t` has stopped, behind the stub's `syscall`; 0: it is in none (other
 * hooks keep no address of a stub there). */
static uint64_t hook_leads(struct ptask *t)
{
	struct hook_frame f;
	if (!in_runtime(t->regs.rip) ||
	    mem_read(t->pid, RUNTIME_STACK_TOP - sizeof(f), &f, sizeof(f)) != sizeof(f) ||
	    !placed_area(&t->mm->images, f.bail))
		return 0;
	return f.bail + 2;
}

int step_rest(struct replay *s, struct ptask *t, int *status)
{
	if (pt_getregs(t->pid, &t->regs))
		return err_set("lost task %d", t->tid);
	bool runtime = in_runtime(t->regs.rip);
	uint64_t behind = hook_leads(t);
	int rc = behind ? through_hook(s, t, behind, status) : step_instruction(s, t, false, status);
	if (rc == 1 && runtime && !behind && placed_area(&t->mm->images, t->regs.rip))
		rc = step_instruction(s, t, false, status); /* the rest of the stub */
	if (rc == 1 && behind)
		t->visited = 0;
	return rc;
}

int step_out(struct replay *s, struct ptask *t)
{
	int status = 0, rc = 1;
	if (pt_getregs(t->pid, &t->regs))
		return err_set("lost task %d", t->tid);
	if (in_runtime(t->regs.rip))
		rc = step_rest(s, t, &status);
	return rc == 1	? 0
	       : rc < 0 ? -1
			: diverge(s, t, "it does not leave the runtime (status 0x%x)", status);
}

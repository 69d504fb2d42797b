/* One instruction of the program, whatever stands in its place: a stub takes several of the processor's
 * for it, and a buffered call all of the runtime's. */
#include "replay/session.h"

#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "base/err.h"
#include "layout.h"

#define STEPS_MAX 4000 /* of the processor for one of the program's; the longest hook takes some hundred */

static const uint8_t int3 = 0xcc;

static int write_code(struct ptask *t, uint64_t at, const uint8_t *byte)
{
	return mem_write(t->pid, at, byte, 1) ? err_set("lost task %d", t->tid) : 0;
}

/* Single steps until an instruction was made: the end of a call that was skipped is reported first, as
 * TRAP_BRKPT (user_single_step_report, arch/x86/kernel/ptrace.c). */
static int step_once(struct replay *s, struct ptask *t, int *status)
{
	for (;;) {
		siginfo_t si;
		if (run_and_wait(s, t, PTRACE_SINGLESTEP, status))
			return -1;
		if (pt_event(*status) == PTRACE_EVENT_STOP)
			continue; /* from outside */
		if (pt_event(*status) || WSTOPSIG(*status) != SIGTRAP || pt_siginfo(t->pid, &si))
			return 0;
		if (si.si_code == TRAP_TRACE)
			return 1;
		if (si.si_code != TRAP_BRKPT)
			return 0;
	}
}

int step_raw(struct replay *s, struct ptask *t, int *status)
{
	if (pt_getregs(t->pid, &t->regs))
		return err_set("lost task %d", t->tid);
	const struct plant *p = points_at(t->mm, t->regs.rip);
	struct plant was;
	if (p)
		was = *p;
	if (p && write_code(t, was.at, &was.was))
		return -1;
	int rc = step_once(s, t, status);
	if (p && rc >= 0 && WIFSTOPPED(*status) && mem_write(t->pid, was.at, &int3, 1))
		t->mm->plants_gen = 0;
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

/* Run through the hook, to behind the stub's `syscall`, whose address is in rcx, or to where the call is
 * traced. */
static int through_hook(struct replay *s, struct ptask *t, int *status)
{
	uint64_t behind = t->regs.rcx + 2;
	bool planted = points_at(t->mm, behind);
	uint8_t was;
	if (!planted && (mem_read(t->pid, behind, &was, 1) != 1 || write_code(t, behind, &int3)))
		return -1;
	int rc = run_and_wait(s, t, PTRACE_CONT, status);
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

int step_instruction(struct replay *s, struct ptask *t, bool heed, int *status)
{
	if (pt_getregs(t->pid, &t->regs))
		return err_set("lost task %d", t->tid);
	uint64_t app = placed_to_app(&t->mm->images, t->regs.rip);
	for (unsigned n = 0; n < STEPS_MAX; n++) {
		uint64_t from = t->regs.rip;
		const struct plant *p = points_at(t->mm, from);
		if (p && t->visited != from) { /* it came here within a stub */
			if (heed)
				return 2;
			t->visited = from;
			points_visit(s, t, p);
		}
		int rc = at_hook(t) ? through_hook(s, t, status) : step_raw(s, t, status);
		if (rc != 1)
			return rc;
		bool away = !in_runtime(t->regs.rip) && placed_to_app(&t->mm->images, t->regs.rip) != app;
		if (away || (!in_runtime(from) && step_is_whole(t, from)))
			return 1;
	}
	return 1;
}

/* The end of a call: what it did goes on record, and the program gets its result. */
#include "record/session.h"

#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "record/callstate.h"

/* An interrupted call: the kernel will start it again, unless a handler runs that
 * says otherwise, whose frame then holds other registers. */
static void log_interrupted(struct recorder *s, struct rtask *t, const regs_t *r, int64_t result)
{
	regs_t again = *r;
	bool block = result == RESULT_RESTART_FIRST;
	again.rip -= 2;
	again.rax = block ? SYS_restart_syscall : (uint64_t)t->nr;
	if (block && t->nr != SYS_restart_syscall) {
		t->restart_nr = t->nr;
		memcpy(t->restart_args, t->args, sizeof(t->args));
	}
	s->ev.flags |= EVF_INTERRUPTED;
	s->ev.arg[0] = result;
	log_regs(s, &again);
}

void call_finish(struct recorder *s, struct rtask *t, regs_t *r, int64_t result)
{
	struct abi_reader rd = {call_read, t};
	region_list wrote = {0};
	const uint64_t *args;
	int64_t nr = call_effective(t, &args);
	abi_written(nr, &t->regions, result, &rd, &wrote);
	undescribed_written(t, &wrote);
	log_begin(s, t, t->entry_logged ? EV_EXIT : EV_SYSCALL, t->nr);
	if (!t->entry_logged)
		log_in(s, t);
	call_hold_written(s, t);
	if (t->redirected)
		scratch_restore(s, t, r, &wrote);
	for (size_t i = 0; i < wrote.n; i++)
		log_memory(s, t, wrote.at[i].addr, wrote.at[i].len, wrote.at[i].addr);
	VEC_FREE(&wrote);
	if (t->args_changed)
		call_set_args(r, t->args);
	if (!t->notified)
		special_exit(s, t, result);
	memwrite_own(s, t, result);
	if (result > 0)
		s->ev.flags |= t->output;
	t->interrupted = result >= RESULT_RESTART_FIRST && result <= RESULT_RESTART_LAST;
	if (t->interrupted)
		log_interrupted(s, t, r, result);
	else
		log_regs(s, r);
	log_put(s);
}

int call_end(struct recorder *s, struct rtask *t, regs_t *r, int64_t result)
{
	special_fix(s, t, &result);
	bool changed = result != (int64_t)r->rax || t->args_changed || t->redirected;
	r->rax = (uint64_t)result;
	if (sys_row(t->nr)->cls == C_SIGRETURN) {
		uint64_t ip = placed_to_stub(&t->mm->images, &t->mm->space, r->rip);
		changed |= ip != r->rip;
		r->rip = ip;
	}
	call_finish(s, t, r, result);
	if (s->failed)
		return -1;
	served_note(s, t, result);
	procmaps_open(s, t, result);
	/* A remote call may have been made meanwhile: the program's must not run again. */
	if (!t->interrupted)
		r->orig_rax = (uint64_t)-1;
	if (changed && pt_setregs(t->tid, r)) {
		t->state = TS_EXITING;
		return -1;
	}
	t->in_call = false;
	t->result = result;
	traced_call_ended(t, t->nr);
	signal_note_call(t, result);
	buffer_note_call(t);
	filewrite_exit(s, t, result);
	memwrite_exit(s, t, result);
	return 0;
}

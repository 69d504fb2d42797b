/* Events: the task of each runs to it, what it does there is compared, and it takes effect. */
#include "replay/session.h"

#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "abi/sysrow.h"
#include "base/err.h"
#include "task/checksum.h"

/* Registers at a call's start are those at its exit but for the result. */
static int check_entry(struct replay *s, struct ptask *t, const struct event *ev)
{
	regs_t want = ev->regs;
	unsigned ignore = DIFF_RAX | (ev->code == SYS_arch_prctl ? DIFF_BASES : 0);
	if (run_to_entry(s, t))
		return -1;
	if ((int64_t)t->regs.orig_rax != ev->code)
		return diverge(s, t, "the task makes system call %s", sys_name((int64_t)t->regs.orig_rax));
	if (ev->flags & EVF_INTERRUPTED)
		want.rip += 2;
	want.orig_rax = (uint64_t)ev->code;
	if (diverge_check_regs(s, t, &t->regs, &want, ignore))
		return -1;
	return play_check_in(s, t, ev);
}

static int set_state(struct replay *s, struct ptask *t, const struct event *ev)
{
	if (ev->flags & EVF_XSTATE && ev->xstate_len) {
		int rc = pt_set_xstate(t->pid, ev->xstate, ev->xstate_len);
		if (rc)
			return err_sys(-rc, "cannot set the extended registers of task %d", t->tid);
	}
	return ev->flags & EVF_REGS ? ptask_set_regs(t, &ev->regs) : 0;
}

static int call_effects(struct replay *s, struct ptask *t, const struct event *ev)
{
	if (play_ops(s, t, ev) || play_chunks(s, t, ev))
		return -1;
	if (ev->flags & EVF_REGS && !(ev->flags & EVF_INTERRUPTED))
		output_show(s, t, ev);
	return set_state(s, t, ev);
}

/* `t` is where a move of the kind leads; stop if the journey ends there, or the client wants that. Once
 * for each event. */
static int tell(struct replay *s, struct ptask *t, enum told bit, uint8_t kind, bool wanted,
		enum stop_why why)
{
	if (!s->debugging || s->told & bit)
		return 0;
	s->told |= bit;
	station_look(s, t);
	s->here.nmoves = 0;
	position_add(&s->here, kind, 1, 0);
	bool over = journey_is(s, kind, 0) && journey_moved(s, t);
	if (wanted)
		stop_for(s, t, why);
	return over || wanted ? -1 : 0;
}

static int tell_call(struct replay *s, struct ptask *t, const struct event *ev)
{
	s->stop->code = ev->code;
	return tell(s, t, TOLD_CALL, MOVE_CALL, stop_catches(s, ev->code), STOP_CALL);
}

/* The call, or the instruction that faulted, has begun and is not made. */
static int tell_signal(struct replay *s, struct ptask *t, const struct event *ev)
{
	s->stop->code = ev->code;
	if (ev->blob_len == sizeof(s->stop->si))
		memcpy(&s->stop->si, ev->blob, sizeof(s->stop->si));
	s->fresh |= ev->arg[0] == SIG_AT_ENTRY || (ev->arg[0] == SIG_AT_FAULT && ev->code != SIGTRAP);
	if (tell(s, t, TOLD_SIGNAL, MOVE_SIGNAL, s->q->want & WANT_SIGNALS, STOP_SIGNAL))
		return -1;
	/* The delivery is a step of its own: it leads from here to the handler. */
	s->trail[1] = s->trail[0];
	s->trail[0] = s->here;
	s->fresh = false;
	return 0;
}

static int on_syscall(struct replay *s, struct ptask *t, const struct event *ev)
{
	return check_entry(s, t, ev) || tell_call(s, t, ev) || call_effects(s, t, ev) ? -1 : 0;
}

static int on_entry(struct replay *s, struct ptask *t, const struct event *ev)
{
	return check_entry(s, t, ev) || tell_call(s, t, ev) || play_chunks(s, t, ev) ? -1 : 0;
}

static int on_exit_(struct replay *s, struct ptask *t, const struct event *ev)
{
	if (!t->at_entry)
		return diverge(s, t, "the task is not in a system call");
	return call_effects(s, t, ev);
}

/* The registers that the handler's frame says were interrupted, at offsets of struct
 * sigcontext: r8-r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip. */
static int check_frame(struct replay *s, struct ptask *t, const struct event *ev)
{
	uint64_t g[17];
	for (size_t i = 0; i < ev->chunks.n; i++) {
		const struct ev_chunk *ch = &ev->chunks.at[i];
		if (ch->kind != CH_OUT || ch->addr != ev->regs.rsp || ch->len < 48 + sizeof(g))
			continue;
		memcpy(g, ch->data + 48, sizeof(g));
		regs_t want = t->regs;
		want.r8 = g[0], want.r9 = g[1], want.r10 = g[2], want.r11 = g[3];
		want.r12 = g[4], want.r13 = g[5], want.r14 = g[6], want.r15 = g[7];
		want.rdi = g[8], want.rsi = g[9], want.rbp = g[10], want.rbx = g[11];
		want.rdx = g[12], want.rcx = g[14], want.rsp = g[15], want.rip = g[16];
		regs_t have = t->regs;
		have.rip = placed_to_app(&t->mm->images, have.rip); /* as the recorder shows it */
		return diverge_check_regs(s, t, &have, &want, DIFF_RAX | DIFF_RCX_R11);
	}
	return 0;
}

static int run_to_signal(struct replay *s, struct ptask *t, const struct event *ev)
{
	siginfo_t si;
	int sig;
	switch (ev->arg[0]) {
	case SIG_AT_ENTRY:
		return run_to_entry(s, t);
	case SIG_AT_SAFEPOINT:
		return run_to_safepoint(s, t, ev->ticks);
	case SIG_AT_FAULT:
		sig = run_to_fault(s, t, &si, 0);
		if (sig >= 0 && sig != (ev->arg[2] ? ev->arg[2] : ev->code))
			return diverge(s, t, "the task raised signal %d", sig);
		return sig < 0 ? -1 : 0;
	}
	return 0;
}

static int on_signal(struct replay *s, struct ptask *t, const struct event *ev)
{
	t->proc->fatal |= ev->arg[1];
	/* Where the client was told of the signal, the task is there: behind an instruction that traps. */
	bool there = s->told & TOLD_SIGNAL;
	if ((!there && run_to_signal(s, t, ev)) || tell_signal(s, t, ev))
		return -1;
	if (ev->arg[1]) /* it ends the process */
		return ev->arg[0] == SIG_AT_FAULT
			       ? diverge_check_regs(s, t, &t->regs, &ev->regs, DIFF_RAX | DIFF_FLAGS)
			       : 0;
	if (ev->arg[0] == SIG_AT_ENTRY)
		t->regs.rip -= 2;
	if (ev->arg[0] != SIG_AT_STATION && check_frame(s, t, ev))
		return -1;
	return play_chunks(s, t, ev) || set_state(s, t, ev) ? -1 : 0;
}

/* The task comes to where its tracer stops it, which replay does not. */
static int on_stop(struct replay *s, struct ptask *t, const struct event *ev)
{
	if (run_to_signal(s, t, ev))
		return -1;
	regs_t have = t->regs;
	if (ev->arg[0] == SIG_AT_ENTRY)
		have.rip -= 2;
	have.orig_rax = ev->regs.orig_rax;
	return diverge_check_regs(s, t, &have, &ev->regs, DIFF_RAX) || set_state(s, t, ev) ? -1 : 0;
}

static int on_safepoint(struct replay *s, struct ptask *t, const struct event *ev)
{
	if (ev->code == SAFE_MOMENT)
		return search_moment(s, t, ev);
	/* Without ticks: a few steps from the last station. */
	if ((ev->ticks && run_to_safepoint(s, t, ev->ticks)) || run_steps(s, t, ev->arg[0]))
		return -1;
	return diverge_check_regs(s, t, &t->regs, &ev->regs, 0);
}

static int on_insn(struct replay *s, struct ptask *t, const struct event *ev)
{
	siginfo_t si;
	int sig = held_begin(s, t, ev) ? -1 : run_to_fault(s, t, &si, 0);
	if (sig < 0 && !s->stopped)
		return -1;
	if (held_end(s, t) || sig < 0)
		return -1;
	uint64_t at = t->regs.rip - (sig == SIGTRAP);
	if (at != (uint64_t)ev->arg[0])
		return diverge(s, t, "signal %d at 0x%llx, not the instruction at 0x%llx", sig,
			       (unsigned long long)at, (unsigned long long)ev->arg[0]);
	if (diverge_check_regs(s, t, &t->regs, &ev->regs, DIFF_INSN) || set_state(s, t, ev))
		return -1;
	/* Instructions that are counted from here on are the program's. */
	bool counted = s->debugging && (s->counting || (s->way.active && s->way.to.event == ev->seq));
	return counted ? step_out(s, t) : 0;
}

/* The first page that differs, or 0. A page that is listed on one side only differs too, unless it is
 * recorded, and still the file's in the replay, with the same content (mlock makes the task's own copies). */
static uint64_t differing_page(struct ptask *t, const page_sums *have, const struct event *ev)
{
	struct rd r = rd_make(ev->blob, ev->blob_len);
	uint64_t addr = 0;
	size_t i = 0;
	while (r.p < r.end) {
		uint32_t sum = 0, now = 0;
		const uint8_t *p;
		addr += rd_u64(&r) * 4096;
		if ((p = rd_raw(&r, 4)))
			memcpy(&sum, p, 4);
		if (i < have->n && have->at[i].addr < addr)
			break;
		if (i < have->n && have->at[i].addr == addr)
			now = have->at[i++].sum;
		else if (checksum_page(t->pid, addr, &now))
			return addr;
		if (now != sum)
			return addr;
	}
	return i < have->n ? have->at[i].addr : 0;
}

static int on_check(struct replay *s, struct ptask *t, const struct event *ev)
{
	points_lift(t);
	page_sums have = {0};
	int rc = checksum_space(t->pid, &t->mm->space, &have);
	uint64_t bad = rc ? 0 : differing_page(t, &have, ev);
	VEC_FREE(&have);
	if (rc)
		return err_sys(-rc, "cannot read the memory of task %d", t->tid);
	s->checks++;
	if (!bad)
		return 0;
	struct mapping *m = space_find(&t->mm->space, bad);
	return diverge(s, t, "its memory differs in the page at 0x%llx (%s)", (unsigned long long)bad,
		       m && m->recorded.name[0] ? m->recorded.name : "anonymous");
}

static int on_mem(struct replay *s, struct ptask *t, const struct event *ev)
{
	return play_ops(s, t, ev) || play_chunks(s, t, ev) || set_state(s, t, ev) ? -1 : 0;
}

typedef int (*handler)(struct replay *s, struct ptask *t, const struct event *ev);

static const handler handlers[EV_KIND_MAX] = {
	[EV_SYSCALL] = on_syscall,     [EV_ENTRY] = on_entry,
	[EV_EXIT] = on_exit_,	       [EV_SIGNAL] = on_signal,
	[EV_INSN] = on_insn,	       [EV_FORK] = play_fork,
	[EV_TASK_EXIT] = play_exit,    [EV_MEM] = on_mem,
	[EV_CHECK] = on_check,	       [EV_BUFFER] = buffer_play,
	[EV_SAFEPOINT] = on_safepoint, [EV_STOP] = on_stop,
};

/* Killed in the middle of its code: a debugger sees the last safepoint there, and the signal, which has no
 * event of its own. (Nobody else sees what it does from its last event on.) */
static int run_to_kill(struct replay *s, struct ptask *t, const struct event *ev)
{
	int sig = WIFSIGNALED(ev->code) ? WTERMSIG(ev->code) : 0;
	if (!s->debugging || !sig || s->told & TOLD_EXIT)
		return 0;
	if ((ev->ticks && !t->at_entry && run_to_safepoint(s, t, ev->ticks)) || buffer_use_up(s, t))
		return -1;
	if (sig == SIGKILL || (t->proc->fatal && !(s->told & TOLD_SIGNAL)))
		return 0;
	t->proc->fatal = true;
	s->stop->code = sig;
	s->stop->si = (siginfo_t){.si_signo = sig};
	return tell(s, t, TOLD_SIGNAL, MOVE_SIGNAL, s->q->want & WANT_SIGNALS, STOP_SIGNAL);
}

/* The task ends with event `ev`: tell the client while the task is still there to be looked at. */
static int tell_exit(struct replay *s, struct ptask *t, const struct event *ev)
{
	bool killed = WIFSIGNALED(ev->code);
	if (run_to_kill(s, t, ev))
		return -1;
	s->stop->code = ev->code;
	s->stop->flags = (ev->arg[0] ? EXIT_LAST : 0) | (killed && !t->proc->dies ? EXIT_KILLED : 0);
	if (tell(s, t, TOLD_EXIT, MOVE_EXIT, s->q->want & WANT_EXITS, STOP_EXIT))
		return -1;
	t->proc->dies |= killed;
	return 0;
}

int apply_event(struct replay *s)
{
	struct event *ev = s->ev;
	if (ev->kind == EV_START)
		return replay_task(s, ev->tid) ? err_set("the trace is damaged: it starts twice")
					       : play_first(s, ev->tid);
	if (ev->kind == EV_EXEC)
		return play_exec(s, ev);
	struct ptask *t = replay_task(s, ev->tid);
	if (!t || t->dead)
		return err_set("the trace is damaged: event %llu is of unknown task %d",
			       (unsigned long long)ev->seq, ev->tid);
	if (ev->kind == EV_TASK_EXIT && tell_exit(s, t, ev))
		return -1;
	return handlers[ev->kind](s, t, ev);
}
